import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { env, PermissionApp } from '../../apps/permissions/permission-app';
import { CaseMachine, PermissionCase } from '../../apps/permissions/permission-case';
import { key, other, permissionCases } from '../../apps/permissions/permission-cases';
import { permissionsPage } from '../../apps/permissions/permissions-page';
import { BuildPermissions } from '../../aws/build-permissions';
import { BuildKit } from '../../engines/build-kit';
import { Engine } from '../../engines/engine';
import { KanikoContainer } from '../../engines/kaniko-container';
import { RemoteBuildKit } from '../../engines/remote-build-kit';
import { baseImages } from '../../images/base-images';
import { BuildContainer, expectSuccess, playCodeBuild } from '../../machine/code-build';
import { parts } from '../../parts/parts';
import { PullThroughRegistry } from '../../registry/pull-through';
import { Registry } from '../../registry/registry';
import { TlsAuthority } from '../../registry/tls-authority';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

// What each option lets a build do, beside what builds do with it. Whatever a build asks for without being allowed is refused.

const document = path.join(__dirname, '../../../../docs/permissions.md');
const mirror = 'mirror.example.test';

let lab: Lab;
let authority: TlsAuthority;
/** Engines and daemons, which take long to start. */
const kept = new Map<CaseMachine, Machine>();

beforeAll(async () => {
  lab = await Lab.start({ ecr: [env, other], open: ['public.ecr.aws', 'docker.io', 'registry-1.docker.io', 'index.docker.io', mirror] });
  const box = await baseImages.busybox();
  const hub = `${Registry.ecrHost(other)}/hub/library/busybox`;
  for (const host of ['docker.io/library', 'index.docker.io/library', 'public.ecr.aws/docker/library', `${mirror}/hub/library`]) await box.publish(lab.registry, `${host}/busybox:stable`);
  await box.publish(lab.registry, `${hub}:stable`);
  lab.registry.createRepository(other, 'hub/library/busybox');
  lab.registry.createRepository(env, 'main/layers');
  lab.registry.addCopy(await PullThroughRegistry.start({ endpoint: `${Registry.ecrHost(env)}/ecr-public`, upstream: 'public.ecr.aws' }));
  lab.registry.passwords.demand(mirror, 'puller', 'password');
  for (const bucket of ['layers', 'encrypted-layers']) await lab.s3.createBucket(bucket, env.region);
  await keepSecrets();
}, 600_000);

afterAll(async () => {
  for (const machine of kept.values()) await machine.wipe();
  await lab.stop();
});

/** The secrets of the cases, some of them encrypted with the key. */
async function keepSecrets(): Promise<void> {
  authority = await TlsAuthority.create();
  const keyFile = path.join(freshDirectory('key'), 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'deploy-key', '-f', keyFile]);
  const secrets = {
    'certificates': JSON.stringify(authority.secret(await authority.sign('client', 'builds'))),
    'mirror-login': JSON.stringify({ username: 'puller', password: 'password' }),
    'hub': JSON.stringify({ username: 'somebody', secret: 'anything' }),
    'token': 'value',
    'deploy-key': fs.readFileSync(keyFile, 'utf8'),
  };
  for (const [name, value] of Object.entries(secrets)) {
    await lab.aws.client(env.region, 'secretsmanager', 'create-secret', '--name', name, '--secret-string', value);
  }
  await lab.aws.client(env.region, 'ssm', 'put-parameter', '--name', '/team/token', '--type', 'SecureString', '--value', 'value');
  const place = `${env.region}:${env.account}`;
  for (const name of ['hub', 'token']) lab.aws.keys.set(`arn:aws:secretsmanager:${place}:secret:${name}-AbCdEf`, key);
  lab.aws.keys.set(`arn:aws:ssm:${place}:parameter/team/token`, key);
  lab.aws.keys.set('arn:aws:s3:::encrypted-layers', key);
}

interface Machine {
  readonly environment?: { readonly [name: string]: string };
  readonly container?: BuildContainer;
  wipe(): Promise<void>;
}

const machines: { readonly [machine in CaseMachine]: () => Promise<Machine> } = {
  buildkit: async () => BuildKit.fresh({ isInMemory: true }),
  engine: async () => Engine.fresh({ suite: 'sid' }),
  server: async () => Engine.fresh({ suite: 'sid', isServer: true }),
  remote: async () => RemoteBuildKit.start('buildkit.internal', authority, await authority.sign('server', 'buildkit.internal')),
  kaniko: async () => {
    const container = new KanikoContainer();
    return { container, environment: KanikoContainer.environment, wipe: async () => container.wipe() };
  },
};

/** A first build, a change, no change, and what the case has besides. */
async function playBuilds(given: PermissionCase, folder: string): Promise<BuildPermissions[]> {
  const app = new PermissionApp(given, folder);
  app.synth().stack.createRepositories(lab.registry);
  const builds: BuildPermissions[] = [];
  const build = async (isEarlier = false) => {
    const done = await playBuild(app.synth(isEarlier), given.machine ?? 'buildkit');
    if (!isEarlier) builds.push(done);
  };
  if (given.earlier) {
    await build(true);
    app.change('after the earlier build');
  }
  await build();
  app.change('second');
  await build();
  await build();
  if (given.breaksOffUploads) {
    app.grow();
    lab.s3.denies = ({ operation }) => operation === 'UploadPart';
    await build();
    lab.s3.denies = undefined;
  }
  return builds;
}

/** Each on a new machine, unless that is one that is kept. */
async function playBuild({ stack, assembly }: ReturnType<PermissionApp['synth']>, kind: CaseMachine): Promise<BuildPermissions> {
  const machine = kept.get(kind) ?? await machines[kind]();
  if (kind !== 'buildkit' && kind !== 'kaniko') kept.set(kind, machine);
  try {
    const { environment, container } = machine;
    const done = expectSuccess(await playCodeBuild({
      stack,
      aws: lab.aws,
      action: 'BuildImage',
      source: assembly,
      environment,
      container,
      onLine: process.env.PLAY_VERBOSE ? line => process.stderr.write(`${line}\n`) : undefined,
    }));
    return done.permissions!;
  } finally {
    if (!kept.has(kind)) await machine.wipe();
  }
}

describe.each(permissionCases.map((given, index) => ({ given, folder: `case-${index}` })))('$given.name', ({ given, folder }) => {
  const played = given.machine === 'kaniko' && !parts.kaniko ? test.skip : test;

  played('nothing is missing, and nothing is unused', async () => {
    const start = performance.now();
    const builds = await playBuilds(given, folder);
    const [first, ...others] = builds;
    if (process.env.PLAY_FIGURES) process.stderr.write(`${given.name}: ${((performance.now() - start) / 1000).toFixed(1)} s\n${first.used.join('\n')}\n`);
    expect(builds.flatMap(({ missing }) => missing)).toEqual([]);
    expect(first.unused(...others)).toEqual([]);
  });
});

test('the page on permissions has what the templates have', () => {
  const page = permissionsPage(permissionCases);
  if (process.env.PLAY_RECORD) fs.writeFileSync(document, page);
  expect(fs.readFileSync(document, 'utf8')).toBe(page);
});
