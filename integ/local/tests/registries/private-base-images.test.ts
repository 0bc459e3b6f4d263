import * as fs from 'fs';
import * as path from 'path';
import { gunzipSync } from 'zlib';
import { App, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DockerBuilder, LayerCache, RegistryLogin } from '../../../../lib';
import { ExampleApp, ExampleBuild, ExampleBuildOptions } from '../../apps/example-app';
import { Engine } from '../../engines/engine';
import { baseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { Registry } from '../../registry/registry';
import { worldDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const other = { account: '222222222222', region: 'us-east-1' };
const own = 'registry.example.test';
const passwords = { own: 'own:pass word "1" \\ $HOME', hub: 'hub-access-token-2' };

// what a pipeline imports
const elsewhere = new Stack(new App(), 'Elsewhere', { env: home });
const secret = (name: string) => secretsmanager.Secret.fromSecretNameV2(elsewhere, name, name);
const shared = ecr.Repository.fromRepositoryAttributes(elsewhere, 'Shared', {
  repositoryArn: `arn:aws:ecr:${other.region}:${other.account}:repository/shared/base`, repositoryName: 'shared/base',
});
const logins = {
  own: RegistryLogin.secret(own, secret('own-registry')),
  hub: RegistryLogin.secret('docker.io', secret('docker-hub'), { usernameField: 'name', passwordField: 'token' }),
  ecr: RegistryLogin.ecr(shared),
};

const dockerfile = `FROM ${own}/team/base:1 AS tools
FROM acme/base:1 AS more
FROM ${Registry.ecrHost(other)}/shared/base:1
COPY --from=tools /etc/passwd /opt/tools
COPY --from=more /etc/group /opt/more
RUN echo made > /made
COPY src /var/task/
`;

let lab: Lab;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [home, other], open: ['docker.io', 'registry-1.docker.io', own] });
  const box = await baseImages.busybox();
  for (const image of [`${own}/team/base:1`, 'docker.io/acme/base:1', `${Registry.ecrHost(other)}/shared/base:1`]) await box.publish(lab.registry, image);
  lab.registry.createRepository(other, 'shared/base');
  lab.registry.passwords.demand(own, 'somebody', passwords.own);
  lab.registry.passwords.demand('registry-1.docker.io/acme', 'acme-bot', passwords.hub);
  for (const [name, value] of Object.entries({
    'own-registry': { username: 'somebody', password: passwords.own },
    'docker-hub': { name: 'acme-bot', token: passwords.hub },
    'outdated': { username: 'somebody', password: 'of last year' },
    'half-empty': { username: 'somebody', password: '' },
  })) {
    await lab.aws.client(home.region, 'secretsmanager', 'create-secret', '--name', name, '--secret-string', JSON.stringify(value));
  }
}, 600_000);

afterAll(async () => lab.stop());

type Props = ConstructorParameters<typeof ExampleApp>[1];

async function build(registryLogins: RegistryLogin[], options?: ExampleBuildOptions, props?: Props): Promise<ExampleBuild> {
  const app = new ExampleApp(lab, { name: `Private${apps++}`, registryLogins, ...props });
  app.write('report/Dockerfile', dockerfile);
  app.changeSource('Report', 'known to stand in the image');
  return app.build('Report', options);
}

/** Whether anything that registries were given holds a text, packed or not. */
function isStored(text: string): boolean {
  return fs.readdirSync(worldDirectory('fresh')).filter(name => name.startsWith('registry-'))
    .flatMap(name => fs.readdirSync(worldDirectory('fresh', name), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => fs.readFileSync(path.join(entry.parentPath, entry.name)))
    .some(bytes => (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).includes(text));
}

/** In no form that a password has on its way. */
function expectSecret(done: ExampleBuild): void {
  expect(isStored('known to stand in the image')).toBe(true);
  for (const [user, password] of [['somebody', passwords.own], ['acme-bot', passwords.hub]]) {
    for (const text of [password, Buffer.from(`${user}:${password}`).toString('base64'), JSON.stringify(password).slice(1, -1)]) {
      expect(done.log).not.toContain(text);
      expect(isStored(text)).toBe(false);
    }
  }
}

test('base images come from a private registry, Docker Hub and the Amazon ECR of another account, and no password leaves the build', async () => {
  const done = expectSuccess(await build(Object.values(logins))) as ExampleBuild;
  expect(done.report).toMatchObject({ result: 'built', cacheWritten: 'yes' });
  const answered = done.traffic.requestsMade.map(({ host, repository, status }) => `${host}/${repository} ${status}`);
  for (const name of [`${own}/team/base`, 'registry-1.docker.io/acme/base', `${Registry.ecrHost(other)}/shared/base`]) {
    expect(answered).toContain(`${name} 200`);
  }
  expectSecret(done);
});

test('with an engine, too', async () => {
  const engine = await Engine.fresh({ suite: 'bookworm', store: 'overlay2' });
  try {
    const options = { buildKit: null, environment: engine.environment };
    const done = await build(Object.values(logins), options, { builder: DockerBuilder.dockerEngine(), cache: () => LayerCache.none() });
    expectSecret(expectSuccess(done) as ExampleBuild);
  } finally {
    await engine.wipe();
  }
});

test.each([
  ['own', `${own}/team/base:1`],
  ['hub', 'docker.io/acme/base:1'],
  ['ecr', `${Registry.ecrHost(other)}/shared/base:1`],
] as const)('a build without the login %s fails, and says for which image', async (missing, image) => {
  const { [missing]: _, ...rest } = logins;
  const done = await build(Object.values(rest));
  expect(done.ok).toBe(false);
  expect(done.log).toMatch(new RegExp(`^# ERROR: failed to build: .*${image}: .*(401 Unauthorized|authorization failed)`, 'm'));
});

test('a registry that refuses the password is told in the log, with the image', async () => {
  const done = await build([RegistryLogin.secret(own, secret('outdated')), logins.hub, logins.ecr]);
  expect(done.ok).toBe(false);
  expect(done.log).toMatch(new RegExp(`load metadata for ${own}/team/base:1\n(.*\n)*#\\d+ ERROR: .*incorrect username or password`));
  expect(done.log).not.toContain('of last year');
});

test('a secret without a password is told before anything is built', async () => {
  const done = await build([RegistryLogin.secret(own, secret('half-empty')), logins.hub, logins.ecr]);
  expect(done.ok).toBe(false);
  expect(done.log).toContain(`ERROR: the secret for ${own} has no user or no password`);
  expect(done.traffic.requestsMade.filter(({ host }) => host === own)).toEqual([]);
});
