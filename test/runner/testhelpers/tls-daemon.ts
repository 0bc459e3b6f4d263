import { ChildProcess, spawn } from 'child_process';
import * as fs from 'fs';
import * as net from 'net';
import * as path from 'path';
import { Identity, TestAuthority } from './test-authority';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';

const servers: net.Server[] = [];
const children: ChildProcess[] = [];
const sockets = new Set<net.Socket>();

afterEach(async () => {
  children.splice(0).forEach((child) => child.kill('SIGKILL'));
  sockets.forEach((socket) => socket.destroy());
  sockets.clear();
  await Promise.all(servers.splice(0).map(async (server) => new Promise((resolve) => { server.close(resolve); })));
});

/** A server that wants certificates of its clients, with the alerts of OpenSSL. Gives its port. */
export async function tlsDaemon({ cert, key }: Identity, clients: TestAuthority, ...args: string[]): Promise<number> {
  const directory = temporaryDirectory();
  const file = (name: string, content: string) => {
    fs.writeFileSync(path.join(directory, name), content);
    return path.join(directory, name);
  };
  const child = spawn('openssl', [
    's_server', '-accept', '127.0.0.1:0', '-cert', file('cert.pem', cert), '-key', file('key.pem', key),
    '-CAfile', file('ca.pem', clients.cert), '-Verify', '1', '-verify_return_error', ...args,
  ], { stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      const port = /^ACCEPT .*:(\d+)/m.exec(said += data.toString())?.[1];
      if (port) resolve(Number(port));
    });
  });
}

/** A server that does whatever it is told with a connection. Gives its port. */
export async function plainDaemon(onConnection: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return (server.address() as net.AddressInfo).port;
}
