import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Host names and addresses. @default localhost and its addresses */
  readonly names?: readonly string[];
  /** For how long; less than nothing for one that has expired. @default 30 */
  readonly days?: number;
  readonly usage?: 'clientAuth' | 'serverAuth';
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** An authority that signs certificates for a few tests. Has to be removed. */
export class TestAuthority {
  public readonly cert: string;
  private readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), 'cached-docker-build-'));

  constructor(name = 'an authority') {
    this.openssl('req', '-x509', ...NEW_KEY, '-days', '30', '-subj', `/CN=${name}`, '-keyout', 'ca.key', '-out', 'ca.pem');
    this.cert = this.read('ca.pem');
  }

  public issue({ names = ['localhost', '127.0.0.1'], days = 30, usage }: CertificateOptions = {}): Identity {
    this.openssl('req', ...NEW_KEY, '-subj', '/CN=somebody', '-keyout', 'key.pem', '-out', 'request.pem');
    const kinds = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`));
    fs.writeFileSync(path.join(this.directory, 'extensions'), `subjectAltName=${kinds.join(',')}\n${usage ? `extendedKeyUsage=${usage}\n` : ''}`);
    this.openssl('x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', `${days}`, '-extfile', 'extensions', '-out', 'cert.pem');
    return { cert: this.read('cert.pem'), key: this.read('key.pem') };
  }

  public remove(): void {
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  private read(name: string): string {
    return fs.readFileSync(path.join(this.directory, name), 'utf8');
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.directory, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
