import { IncomingMessage, ServerResponse } from 'http';
import { answerRefusal } from './refusal';
import { RegistryRequest } from './request';

interface Login {
  readonly user: string;
  readonly password: string;
}

/** Registries that want a user and a password. They give a token for them, as all but ECR do. */
export class RegistryPasswords {
  private readonly logins = new Map<string, Login>();

  /** @param images a host, or a path of it: `registry.example.com/team` */
  public demand(images: string, user: string, password: string): void {
    this.logins.set(images, { user, password });
  }

  /** @returns whether the request has its answer, because it asks for a token or has none that is good for this */
  public answer(about: RegistryRequest, request: IncomingMessage, response: ServerResponse): boolean {
    const { host, path, repository } = about;
    const { authorization } = request.headers;
    if (path === '/token') {
      this.giveToken(about, authorization, response);
      return true;
    }
    const isPing = path === '/v2/' && [...this.logins].some(([images]) => images.split('/')[0] === host);
    const login = [...this.logins].find(([images]) => `${host}/${repository ?? ''}`.startsWith(`${images}/`))?.[1];
    if (login ? authorization === `Bearer ${token(login)}` : !isPing || authorization) return false;
    request.resume();
    answerRefusal(response, {
      status: 401,
      code: 'UNAUTHORIZED',
      message: 'authentication required',
      headers: { 'Www-Authenticate': `Bearer realm="https://${host}/token",service="${host}",scope="repository:${repository}:pull"` },
    });
    return true;
  }

  private giveToken({ method, host }: RegistryRequest, authorization: string | undefined, response: ServerResponse): void {
    if (method !== 'GET') return answerRefusal(response, { status: 404, code: 'UNSUPPORTED', message: 'only GET gives tokens' });
    const known = [...this.logins].filter(([images]) => images.split('/')[0] === host).map(([, login]) => login);
    const login = known.find(({ user, password }) => authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
    if (authorization && !login) {
      return answerRefusal(response, { status: 401, code: 'UNAUTHORIZED', message: 'incorrect username or password' });
    }
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ token: login ? token(login) : 'anonymous' }));
  }
}

/** What none could guess that does not know the login. */
function token({ user, password }: Login): string {
  return Buffer.from(`token of ${user} with ${password}`).toString('base64url');
}
