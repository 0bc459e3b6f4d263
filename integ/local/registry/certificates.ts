import * as fs from 'fs';
import * as path from 'path';
import { execute } from '../world/execute';

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];

/** A certificate authority that lives as long as one world, and the server certificates it signs. */
export class Certificates {
  public static async create(directory: string): Promise<Certificates> {
    const made = new Certificates(directory);
    await execute('openssl', [
      'req', '-x509', ...newKey, '-subj', '/CN=play harness', '-keyout', made.authorityKey, '-out', made.authority,
      '-addext', 'keyUsage=critical,keyCertSign,cRLSign',
    ]);
    return made;
  }

  public readonly authority: string;
  private readonly authorityKey: string;

  public constructor(private readonly directory: string) {
    this.authority = path.join(directory, 'authority.pem');
    this.authorityKey = path.join(directory, 'authority.key');
  }

  public async forHost(host: string): Promise<{ cert: Buffer; key: Buffer }> {
    const cert = path.join(this.directory, `${host}.pem`);
    const key = path.join(this.directory, `${host}.key`);
    if (!fs.existsSync(cert)) {
      await execute('openssl', [
        'req', '-x509', ...newKey, '-CA', this.authority, '-CAkey', this.authorityKey, '-subj', '/CN=play server',
        '-addext', `subjectAltName=DNS:${host}`, '-addext', 'basicConstraints=critical,CA:FALSE',
        '-keyout', key, '-out', cert,
      ]);
    }
    return { cert: fs.readFileSync(cert), key: fs.readFileSync(key) };
  }
}
