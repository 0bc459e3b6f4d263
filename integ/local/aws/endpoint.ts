import * as fs from 'fs';
import { IncomingMessage, request as httpRequest, createServer, Server, ServerResponse } from 'http';
import { AddressInfo } from 'net';
import * as path from 'path';
import { needsOfCall } from './api-needs';
import { Callers, ecrPassword } from './callers';
import { Daemon } from '../engines/daemon';
import { parts } from '../parts/parts';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';
import { freePort } from '../world/free-port';

export interface AwsCall {
  /** As it signs requests: `ecr`, `sts`, `secretsmanager`. */
  readonly service: string;
  readonly region: string;
  /** Undefined for services that speak paths instead of actions (S3). */
  readonly action?: string;
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly status: number;
}

/** Answers a call in place of the emulation; an `Error` becomes an API error whose code is its name. */
export type AwsAnswer = (input: any, call: { readonly region: string; readonly account: string }) => Promise<object>;

export interface AwsEndpointOptions {
  /** The account all credentials belong to, but for those of roles. */
  readonly account: string;
}

/** The AWS API of the world: `moto` behind a listener that notes every call and can answer some itself. */
export class AwsEndpoint {
  public static async start(options: AwsEndpointOptions): Promise<AwsEndpoint> {
    const port = await freePort();
    const directory = freshDirectory('aws');
    const moto = await Daemon.start({
      command: path.join(parts.python, 'moto_server'),
      args: ['-H', '127.0.0.1', '-p', `${port}`],
      env: { PATH: process.env.PATH, HOME: directory, MOTO_ACCOUNT_ID: options.account },
      log: path.join(directory, 'log'),
      ready: () => fetch(`http://127.0.0.1:${port}/moto-api/data.json`, { method: 'HEAD' }),
    });
    const endpoint = new AwsEndpoint(options.account, directory, port, moto);
    await new Promise<void>(resolve => endpoint.server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  public readonly calls: AwsCall[] = [];
  /** The builds and their roles, and what they may do. */
  public readonly callers = new Callers();
  /** The keys of the account that secrets, parameters and buckets are encrypted with, by the ARN of these. */
  public readonly keys = new Map<string, string>();

  private readonly answers = new Map<string, AwsAnswer>();
  private readonly server: Server;

  private constructor(
    public readonly account: string,
    private readonly directory: string,
    /** Where the emulation itself listens: nothing is noted there, and large bodies pass as they come. */
    public readonly emulationPort: number,
    private readonly moto: Daemon,
  ) {
    this.server = createServer((request, response) => {
      this.handle(request, response).catch(error => response.destroy(error));
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What a program needs in its environment to talk to this endpoint. */
  public environment(region: string, accessKey = 'AKIAPLAYPLAYPLAYPLAY'): { [name: string]: string } {
    return {
      AWS_ENDPOINT_URL: this.url,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: 'play',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  /** @returns a function that gives the action back to the emulation */
  public answer(service: string, action: string, answer: AwsAnswer): () => void {
    this.answers.set(`${service}:${action}`, answer);
    return () => this.answers.delete(`${service}:${action}`);
  }

  /** Lets an action fail the way IAM does. */
  public deny(service: string, action: string): () => void {
    return this.answer(service, action, async () => {
      throw Object.assign(new Error(`User: arn:aws:sts::${this.account}:assumed-role/play is not authorized to perform: ${service}:${action}`), {
        name: 'AccessDeniedException',
      });
    });
  }

  /** Runs the aws client, to put things there or look at them. */
  public async client(region: string, ...args: string[]): Promise<any> {
    return this.clientOf(this.environment(region), ...args);
  }

  /** Runs it with somebody's credentials. */
  public async clientOf(credentials: Readonly<Record<string, string>>, ...args: string[]): Promise<any> {
    const printed = await execute(path.join(parts.python, 'aws'), ['--output', 'json', ...args], {
      env: { PATH: process.env.PATH, HOME: this.directory, ...credentials },
    });
    return printed.trim() ? JSON.parse(printed) : undefined;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
    await this.moto.stop();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { authorization } = request.headers;
    const call = { ...scopeOf(authorization), action: actionOf(request, body), method: request.method!, url: request.url! };
    response.on('close', () => this.calls.push({ ...call, body: body.toString(), status: response.statusCode }));

    const type = { 'Content-Type': request.headers['content-type'] ?? 'application/x-amz-json-1.1' };
    const caller = this.callers.of(authorization);
    const { account } = caller ?? this;
    const needs = needsOfCall({ ...call, body: body.toString() }, account, resource => this.keys.get(resource));
    const missing = caller && needs.find(need => !caller.permissions.allows(need));
    if (missing) {
      const message = `the build is not authorized to perform: ${missing.action} on resource: ${missing.resource}`;
      return void response.writeHead(400, type).end(isForm(request) ? refusalInXml(message) : JSON.stringify({ __type: 'AccessDeniedException', message }));
    }
    const answer = this.answers.get(`${call.service}:${call.action}`) ?? (caller && ownAnswer(call, account, authorization!));
    if (!answer) return this.forward(request, response, body);
    try {
      const output = await answer(JSON.parse(body.toString() || '{}'), { ...call, account });
      response.writeHead(200, type).end(JSON.stringify(output));
    } catch (error) {
      const { name, message } = error as Error;
      response.writeHead(400, type).end(JSON.stringify({ __type: name, message }));
    }
  }

  /** Who is given the credentials of a role is that role. */
  private noteRole(arn: string, answer: IncomingMessage) {
    let text = '';
    answer.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [, accessKey] = /<AccessKeyId>(\w+)</.exec(text) ?? [];
      if (accessKey) this.callers.assume(arn, accessKey);
    });
  }

  private forward(request: IncomingMessage, response: ServerResponse, body: Buffer) {
    const { method, url, headers } = request;
    const inner = httpRequest({ host: '127.0.0.1', port: this.emulationPort, method, path: url, headers }, answer => {
      response.writeHead(answer.statusCode!, answer.headers);
      if (actionOf(request, body) === 'AssumeRole') this.noteRole(new URLSearchParams(body.toString()).get('RoleArn')!, answer);
      answer.pipe(response);
    });
    inner.on('error', error => response.destroy(error));
    inner.end(body);
  }
}

/** A token of Amazon ECR stands for the one who asked for it. */
function ownAnswer(call: Pick<AwsCall, 'service' | 'action' | 'region'>, account: string, authorization: string): AwsAnswer | undefined {
  const { service, action, region } = call;
  if (`${service}:${action}` !== 'ecr:GetAuthorizationToken') return undefined;
  return async () => ({
    authorizationData: [{
      authorizationToken: Buffer.from(`AWS:${ecrPassword(account, authorization)}`).toString('base64'),
      expiresAt: Date.now() / 1000 + 43_200,
      proxyEndpoint: `https://${account}.dkr.ecr.${region}.amazonaws.com`,
    }],
  });
}

/** Service and region stand in the signature: `Credential=KEY/date/region/service/aws4_request`. */
export function scopeOf(authorization: string | undefined): { service: string; region: string } {
  const match = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(authorization ?? '');
  return { service: match?.[2] ?? 'unsigned', region: match?.[1] ?? '' };
}

/** The JSON services name the action in a header, the older ones in a form. */
function actionOf(request: IncomingMessage, body: Buffer): string | undefined {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').pop();
  if (!isForm(request)) return undefined;
  return new URLSearchParams(body.toString()).get('Action') ?? undefined;
}

function isForm(request: IncomingMessage): boolean {
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/** What the older services say, whose clients would read nothing else. */
function refusalInXml(message: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`;
}
