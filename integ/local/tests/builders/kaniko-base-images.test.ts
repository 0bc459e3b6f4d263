import { App, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DockerBuilder, RegistryLogin, RegistryMirror } from '../../../../lib';
import { describeWithKaniko, KanikoApp } from '../../apps/kaniko-app';
import { baseImages } from '../../images/base-images';
import { PullThroughRegistry } from '../../registry/pull-through';
import { Registry } from '../../registry/registry';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const other = { account: '222222222222', region: 'us-east-1' };
const near = Registry.ecrHost(home);
const mirror = 'mirror.example.test';
const own = 'registry.example.test';
const hub = ['registry-1.docker.io', 'index.docker.io']; // as a proxy calls it, and as kaniko does

const elsewhere = new Stack(new App(), 'Elsewhere', { env: home }); // what a pipeline imports
const passwords = { 'own-mirror': 'pass:word "of" the mirror', 'own-registry': 'own:pass word "1" \\ $HOME', 'docker-hub': 'hub-access-token' };
const [mirrorSecret, ownSecret, hubSecret] = Object.keys(passwords).map(name => secretsmanager.Secret.fromSecretNameV2(elsewhere, name, name));

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [home, other], open: [...hub, 'docker.io', mirror, own] });
  for (const host of [...hub, 'docker.io']) {
    await (await baseImages.busybox()).publish(lab.registry, `${host}/library/busybox:stable`);
    await (await baseImages.pythonSlim()).publish(lab.registry, `${host}/library/python:3.11-slim`);
  }
  for (const [name, password] of Object.entries(passwords)) {
    const secretString = JSON.stringify({ username: 'puller', password });
    await lab.aws.client(home.region, 'secretsmanager', 'create-secret', '--name', name, '--secret-string', secretString);
  }
}, 600_000);
afterAll(async () => lab.stop());
beforeEach(() => lab.registry.clearFaults());

describeWithKaniko('with a mirror', () => {
  const app = (name: string, options: { fallbackToUpstream?: boolean } = {}): KanikoApp => {
    const result = new KanikoApp(lab, name, { builder: DockerBuilder.kaniko({ mirrors: [RegistryMirror.of({ upstream: 'docker.io', endpoint: `${mirror}/hub`, credentials: mirrorSecret })], ...options }) });
    result.write({ Dockerfile: `FROM busybox:stable\nRUN echo ${name} > /made\nCOPY --from=python:3.11-slim /etc/passwd /opt/\n` });
    return result;
  };
  const baseImagesOf = (log: string) => /^base images +(.*)$/m.exec(log)?.[1];

  beforeAll(async () => {
    lab.registry.addCopy(await PullThroughRegistry.start({ endpoint: `${mirror}/hub`, upstream: 'registry-1.docker.io', keepsTags: true }));
    lab.registry.passwords.demand(mirror, 'puller', passwords['own-mirror']);
  });

  test('every base image comes from it, and the second build asks nobody else', async () => {
    for (const [name, upstream] of [['First', ['registry-1.docker.io']], ['Second', []]] as const) {
      const { log, traffic } = await app(name, { fallbackToUpstream: false }).build();
      expect(baseImagesOf(log)).toBe(`docker.io by ${mirror}/hub`);
      expect([...new Set(traffic.requestsMade.map(({ host }) => host))].sort()).toEqual([near, mirror, ...upstream].sort());
      expect([...new Set(traffic.downloaded.filter(({ host }) => host === mirror).map(({ repository }) => repository))].sort())
        .toEqual(['hub/library/busybox', 'hub/library/python']);
      expect(log).not.toContain(passwords['own-mirror']);
    }
  });

  test.each([
    ['manifests', /\/manifests\//],
    ['layers', /\/blobs\//],
  ])('that fails with %s, the registry itself gives them, and the build says so', async (what, url) => {
    lab.registry.fault({ host: mirror, url }, { kind: 'refuse', status: 404, code: 'NAME_UNKNOWN', message: 'no such thing here' });
    const { log, report } = await app(`Without${what}`).build();
    expect(baseImagesOf(log)).toBe('docker.io itself, since its mirror failed');
    expect(log).toMatch(new RegExp(`^WARNING: the mirror ${mirror}/hub of docker.io failed, base images come from docker.io itself: .*no such thing here`, 'm'));
    expect(report.result).toBe('built');
  });

  test('that never answers, the registry itself gives them, and the build says so', async () => {
    const stop = lab.registry.fault({ host: mirror }, { kind: 'delay', ms: 3_600_000 });
    const { log, report } = await app('Silent').build();
    expect(stop()).toBeGreaterThan(0);
    expect(log).toContain(`WARNING: the mirror ${mirror}/hub of docker.io failed, base images come from docker.io itself: it did not answer for 10 seconds\n`);
    expect(baseImagesOf(log)).toBe('docker.io itself, since its mirror failed');
    expect(report.result).toBe('built');
  });

  test('that fails, the build fails without a fallback, and asks nobody else', async () => {
    lab.registry.fault({ host: mirror }, { kind: 'refuse', status: 404, code: 'NAME_UNKNOWN', message: 'no such thing here' });
    const { ok, log, traffic } = await app('Required', { fallbackToUpstream: false }).tryToBuild();
    expect(ok).toBe(false);
    expect(log).toMatch(new RegExp(`^ERROR: .*no such thing here.* \\(base images come from mirrors only, those of docker.io from ${mirror}/hub, since`, 'm'));
    expect(traffic.requestsMade.map(({ host }) => host).filter(host => ![near, mirror].includes(host))).toEqual([]);
  });
});

describeWithKaniko('with logins', () => {
  test('base images come from a private registry, Docker Hub and the Amazon ECR of another account', async () => {
    const box = await baseImages.busybox();
    const shared = Registry.ecrHost(other);
    for (const image of [`${own}/team/base:1`, 'index.docker.io/acme/base:1', `${shared}/shared/base:1`]) await box.publish(lab.registry, image);
    lab.registry.createRepository(other, 'shared/base');
    lab.registry.passwords.demand(own, 'puller', passwords['own-registry']);
    lab.registry.passwords.demand('index.docker.io/acme', 'puller', passwords['docker-hub']);
    const app = new KanikoApp(lab, 'Private', {
      registryLogins: [
        RegistryLogin.secret(own, ownSecret),
        RegistryLogin.secret('docker.io', hubSecret),
        RegistryLogin.ecr(ecr.Repository.fromRepositoryAttributes(elsewhere, 'Shared', {
          repositoryArn: `arn:aws:ecr:${other.region}:${other.account}:repository/shared/base`, repositoryName: 'shared/base',
        })),
      ],
    });
    app.write({
      Dockerfile: `FROM ${own}/team/base:1 AS tools\nFROM acme/base:1 AS more\nFROM ${shared}/shared/base:1
COPY --from=tools /etc/passwd /opt/tools\nCOPY --from=more /etc/group /opt/more\n`,
    });
    const { report, log } = await app.build();
    expect(report.result).toBe('built');
    for (const password of Object.values(passwords)) expect(log).not.toContain(password);
  });
});
