import * as fs from 'fs';
import * as path from 'path';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';

/** A certificate with its private key, as files. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Signs certificates for both ends of mutual TLS, as docs/remote-builders.md does it. */
export class TlsAuthority {
  public static async create(): Promise<TlsAuthority> {
    const authority = new TlsAuthority(freshDirectory('authority'));
    await execute('openssl', [
      'req', '-x509', ...newKey, '-days', '30', '-subj', '/CN=BuildKit', '-keyout', authority.key, '-out', authority.cert,
      '-addext', 'keyUsage=critical,keyCertSign,cRLSign',
    ]);
    return authority;
  }

  public readonly cert: string;
  private readonly key: string;
  private signed = 0;

  private constructor(private readonly directory: string) {
    this.cert = path.join(directory, 'ca.pem');
    this.key = path.join(directory, 'ca.key');
  }

  /** @param days how long it is valid; -1 for one that has expired */
  public async sign(usage: 'server' | 'client', name: string, days = 30): Promise<KeyPair> {
    const file = path.join(this.directory, `${this.signed++}`);
    await execute('openssl', ['req', '-new', ...newKey, '-subj', `/CN=${name}`, '-keyout', `${file}.key`, '-out', `${file}.csr`]);
    fs.writeFileSync(`${file}.ext`, `subjectAltName=DNS:${name}\nextendedKeyUsage=${usage}Auth\nbasicConstraints=critical,CA:FALSE\n`);
    await execute('openssl', [
      'x509', '-req', '-in', `${file}.csr`, '-CA', this.cert, '-CAkey', this.key, '-CAcreateserial', '-days', `${days}`, '-extfile', `${file}.ext`, '-out', `${file}.pem`,
    ]);
    return { cert: `${file}.pem`, key: `${file}.key` };
  }

  /** What the secret of `DockerBuilder.remote` holds. */
  public secret({ cert, key }: KeyPair, authority: TlsAuthority = this): { [field: string]: string } {
    const read = (file: string) => fs.readFileSync(file, 'utf8');
    return { ca: read(authority.cert), cert: read(cert), key: read(key) };
  }
}
