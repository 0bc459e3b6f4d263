import { execFileSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { BuildSecret, CacheCompression, CachedDockerImageProps, DockerBuilder, LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild, ExampleBuildOptions } from '../../apps/example-app';
import { Engine } from '../../engines/engine';
import { publishBaseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { expectSuccess } from '../../machine/code-build';
import { filesIn, isStored } from '../../registry/stored-text';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const values = { npm: 'npm "token" \\ $HOME 1f0e', pip: 'pip-password-77a2' };

/** Writes what can be seen of secrets: their digests, the comments of the agent's keys, and for all else the whole environment. */
const LOOK = `import hashlib, os, socket, sys, time
what, out = sys.argv[1:]
digest = lambda content: hashlib.sha256(content).hexdigest()
if what == 'file':
    seen = digest(open('/run/secrets/npm_token', 'rb').read())
    time.sleep(1)
elif what == 'variable':
    seen = digest(os.environb[b'PIP_PASSWORD'])
elif what == 'agent':
    agent = socket.socket(socket.AF_UNIX)
    agent.connect(os.environ['SSH_AUTH_SOCK'])
    agent.sendall(bytes([0, 0, 0, 1, 11]))
    answer = b''
    while len(answer) < 4 or len(answer) < 4 + int.from_bytes(answer[:4], 'big'):
        answer += agent.recv(65536)
    seen = 'deploy-key' if b'deploy-key' in answer else repr(answer)
else:
    seen = repr([sorted(os.environ), os.path.exists('/run/secrets') and os.listdir('/run/secrets')])
open(out, 'w').write(seen)
`;

const dockerfile = `FROM public.ecr.aws/lambda/python:3.11
COPY look.py /
RUN --mount=type=secret,id=npm_token python3 /look.py file /npm
RUN --mount=type=secret,id=pip,env=PIP_PASSWORD python3 /look.py variable /pip
RUN --mount=type=ssh python3 /look.py agent /keys
RUN python3 /look.py nothing /others
COPY src /var/task/
`;

let lab: Lab;
let key: string;
let images: { Report: Partial<CachedDockerImageProps> };
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [home] });
  await publishBaseImages(lab.registry);
  const file = path.join(freshDirectory('key'), 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'deploy-key', '-f', file]);
  key = fs.readFileSync(file, 'utf8');
  await lab.aws.client(home.region, 'secretsmanager', 'create-secret', '--name', 'npm', '--secret-string', JSON.stringify({ token: values.npm }));
  await lab.aws.client(home.region, 'secretsmanager', 'create-secret', '--name', 'deploy', '--secret-string', key);
  await lab.aws.client(home.region, 'ssm', 'put-parameter', '--name', '/team/pip', '--type', 'SecureString', '--value', values.pip);
  const elsewhere = new Stack(new App(), 'Elsewhere', { env: home });
  const secret = (name: string) => secretsmanager.Secret.fromSecretNameV2(elsewhere, name, name);
  images = {
    Report: {
      buildSecrets: {
        npm_token: BuildSecret.secretsManager(secret('npm'), 'token'),
        pip: BuildSecret.ssmParameter(ssm.StringParameter.fromSecureStringParameterAttributes(elsewhere, 'Pip', { parameterName: '/team/pip' })),
      },
      buildSshKey: BuildSecret.secretsManager(secret('deploy')),
    },
  };
}, 600_000);

afterAll(async () => lab.stop());

function createApp(props: ConstructorParameters<typeof ExampleApp>[1] = {}): ExampleApp {
  const app = new ExampleApp(lab, { name: `Secrets${apps++}`, images, cache: () => LayerCache.registry({ compression: CacheCompression.GZIP }), ...props });
  app.write('report/Dockerfile', dockerfile);
  app.write('report/look.py', LOOK);
  app.changeSource('Report', 'known to stand in the image');
  return app;
}

const formsOf = (value: string) => [value, JSON.stringify(value).slice(1, -1), Buffer.from(value).toString('base64'), encodeURIComponent(value)];

/** In no form in the assembly, its template, the log and all that the registry was given: layers, configurations, caches, records. */
function expectSecret(done: ExampleBuild, assembly: string): void {
  expect(isStored('known to stand in the image')).toBe(true);
  const files = [...filesIn(assembly)];
  for (const text of [...formsOf(values.npm), ...formsOf(values.pip), key.split('\n')[2]]) {
    expect(done.log).not.toContain(text);
    expect(files.some(bytes => bytes.includes(text))).toBe(false);
    expect(isStored(text)).toBe(false);
  }
}

/** The arguments of all processes while something is done. */
async function argumentsDuring<T>(work: () => Promise<T>): Promise<{ result: T; commands: Set<string> }> {
  const commands = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of fs.readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      try {
        commands.add(fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch { /* it has ended */ }
    }
  }, 20);
  try {
    return { result: await work(), commands };
  } finally {
    clearInterval(timer);
  }
}

async function expectSeen({ image }: ExampleBuild): Promise<void> {
  const { manifest } = await lab.registry.manifest(image);
  const read = async (file: string) => (await imageFile(lab.registry, image, manifest, file)).toString();
  const sha = (value: string) => createHash('sha256').update(value).digest('hex');
  expect(await Promise.all(['npm', 'pip', 'keys'].map(read))).toEqual([sha(values.npm), sha(values.pip), 'deploy-key']);
  expect(await read('others')).not.toMatch(/npm|pip'|PASSWORD|SECRET|SSH/);
}

async function build(app: ExampleApp, options?: ExampleBuildOptions): Promise<ExampleBuild> {
  return expectSuccess(await app.build('Report', options)) as ExampleBuild;
}

test('steps that mount secrets and an SSH agent have them, and nothing else has', async () => {
  const app = createApp();
  const { result, commands } = await argumentsDuring(async () => build(app));
  await expectSeen(result);
  expectSecret(result, app.synth().assembly);
  expect([...commands].some(command => command.includes('id=npm_token,env=BUILD_SECRET_0'))).toBe(true);
  expect([...commands].filter(command => [values.npm, values.pip].some(value => command.includes(value)))).toEqual([]);
  expect([...commands].filter(command => command.startsWith('ssh-agent'))).not.toEqual([]);

  // The cache knows the steps again, whatever the secrets are by then.
  app.changeSource('Report', 'second');
  await lab.aws.client(home.region, 'ssm', 'put-parameter', '--name', '/team/pip', '--type', 'SecureString', '--value', 'another', '--overwrite');
  const second = await build(app);
  await lab.aws.client(home.region, 'ssm', 'put-parameter', '--name', '/team/pip', '--type', 'SecureString', '--value', values.pip, '--overwrite');
  expect(second.report).toMatchObject({ result: 'built', steps: '5 cached, 1 run', copies: 'linked: 1 (line 7)' });
  await expectSeen(second);
});

test('with the Docker engine, too', async () => {
  const engine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
  try {
    const app = createApp({ builder: DockerBuilder.dockerEngine(), cache: () => LayerCache.none() });
    const done = await build(app, { buildKit: null, environment: engine.environment });
    await expectSeen(done);
    expectSecret(done, app.synth().assembly);
  } finally {
    await engine.wipe();
  }
});
