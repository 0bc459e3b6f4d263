import { execFileSync, spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { ImageSecrets } from '../../../runner/secrets/image-secrets';
import { SshAgent } from '../../../runner/secrets/ssh-agent';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { temporaryWork } from '../testhelpers/work-directory';

const hasOpenSsh = spawnSync('ssh-agent', ['-h']).error === undefined;
const { PATH } = process.env;

let directory: string;
let agent: SshAgent;

beforeEach(() => {
  directory = temporaryDirectory();
  agent = new SshAgent(path.join(directory, 'agent'), { PATH });
});

afterEach(async () => agent.stop());

function makeKey(passphrase = ''): { key: string; fingerprint: string } {
  const file = path.join(directory, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'deploy', '-f', file]);
  return { key: fs.readFileSync(file, 'utf8'), fingerprint: /SHA256:\S+/.exec(execFileSync('ssh-keygen', ['-lf', file]).toString())![0] };
}

const keys = (socket: string) => spawnSync('ssh-add', ['-l'], { env: { PATH, SSH_AUTH_SOCK: socket } }).stdout.toString();

(hasOpenSsh ? describe : describe.skip)('an agent', () => {
  test.each<[string, (key: string) => string]>([
    ['as it was written', (key) => key],
    ['without its last line break', (key) => key.trimEnd()],
    ['with line breaks of Windows', (key) => key.replaceAll('\n', '\r\n')],
  ])('has a key %s', async (_, change) => {
    const { key, fingerprint } = makeKey();
    await agent.start(change(key));
    expect(keys(agent.socket)).toContain(fingerprint);
  });

  test('is gone with the build', async () => {
    await agent.start(makeKey().key);
    await agent.stop();
    expect(keys(agent.socket)).toBe('');
    expect(fs.existsSync(agent.socket)).toBe(false);
  });

  test.each<[string, () => string]>([['what is no key', () => 'a token'], ['a key with a passphrase', () => makeKey('secret').key]])('does not take %s', async (_, make) => {
    await expect(agent.start(make())).rejects.toThrow(/^the SSH agent does not take the key: .+; it has to be a private key as ssh-keygen writes it, without a passphrase$/);
  });

  test('is what buildx is told of', async () => {
    const work = temporaryWork();
    const secrets = new ImageSecrets({ name: 'App', hasSshKey: true }, { sshKey: 'KEY' }, { KEY: makeKey().key }, { PATH }, work);
    expect(secrets.arguments).toEqual(['--ssh', `default=${work.path('ssh-agent')}`]);
    expect(secrets.environment).toEqual({});
    await secrets.prepare();
    expect(keys(work.path('ssh-agent'))).toContain('SHA256:');
    await secrets.end();
  });
});

test('a machine without OpenSSH is told so', async () => {
  agent = new SshAgent(path.join(directory, 'agent'), { PATH: directory });
  await expect(agent.start('key')).rejects.toThrow("there is no SSH agent: the build image has no ssh-agent; give the step a buildImage with OpenSSH, as CodeBuild's own have it");
});

test('an agent that was never started needs no end', async () => {
  await agent.stop();
  expect(fs.existsSync(agent.socket)).toBe(false);
});
