import * as fs from 'fs';
import { BuildMachine, BUILDSPEC, HOST, leavesDigest, Outcome, plan, REPOSITORY } from './build-machine';

const MIRROR = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/docker-hub';
const HUB = `docker.io=${MIRROR}`;
const MIRRORS = `${HUB} ghcr.io=mirror.example.com:5000 quay.io=mirror.example.org/quay.io`;
const NOT_THERE = `python:3.12: failed to resolve source metadata for docker.io/library/python:3.12: ${MIRROR}/library/python:3.12: not found`;
const DIGEST = `sha256:${'1'.repeat(64)}`;

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine({ IMAGE_MIRRORS: MIRRORS });
  machine.remember({ 'plan.json': plan(), 'tag': 'v1', 'builder': 'my-builder', 'registry.curl': '' });
});

/** What commands that use the mirrors print. */
async function shell(commands: string, environment: { [name: string]: string } = {}): Promise<Outcome> {
  return machine.bash(`set -euo pipefail; source '${BUILDSPEC}/state.sh'; source '${BUILDSPEC}/mirrors.sh'; ${commands}`, environment);
}

/** The rules that a call of docker was given, as [from, to]; undefined for none. */
function rulesOf({ environment }: { environment: { [name: string]: string } }): [string, string][] | undefined {
  const file = environment.EXPERIMENTAL_BUILDKIT_SOURCE_POLICY;
  return file === undefined ? undefined : JSON.parse(fs.readFileSync(file, 'utf-8')).rules.map((rule: any) => {
    expect(rule).toEqual({ action: 'CONVERT', selector: { identifier: expect.any(String) }, updates: { identifier: expect.any(String) } });
    return [rule.selector.identifier, rule.updates.identifier];
  });
}

/** A builder that fails to resolve images as many times as there are errors, and then builds. */
function buildsAfter(...errors: string[]): void {
  const answers = errors.map((error, index) => `if [[ ! -e "$TMPDIR/failed.${index}" ]]; then touch "$TMPDIR/failed.${index}"; echo 'ERROR: failed to build: failed to solve: ${error}'; exit 1; fi`);
  machine.tell('docker', {
    'buildx version': { stdout: 'github.com/docker/buildx v0.36.1 0\n' },
    'buildx inspect *': { stdout: 'Name:   my-builder\nNodes:\nName:             my-builder0\nBuildKit version: v0.32.2\n' },
    'buildx build *': { run: [...answers, leavesDigest(DIGEST)].join('\n') },
  });
}

function builds() {
  return machine.calls('docker').filter(({ args }) => args[1] === 'build');
}

describe('a build with mirrors', () => {
  test('takes the images of each registry from its mirror', async () => {
    buildsAfter();
    expect((await machine.run('build.sh')).code).toBe(0);
    expect(rulesOf(builds()[0])).toEqual([
      ['docker-image://docker.io/*', `docker-image://${MIRROR}/\${1}`],
      ['docker-image://ghcr.io/*', 'docker-image://mirror.example.com:5000/${1}'],
      ['docker-image://quay.io/*', 'docker-image://mirror.example.org/quay.io/${1}'],
    ]);
    expect(builds()).toHaveLength(1);
  });

  test('takes them from there for the layer cache too, which else would find other steps', async () => {
    buildsAfter();
    await machine.run('export-cache.sh', { CACHE_EXPORT: 'mode=max', CACHE_LOCATION: 'type=registry,ref=host/app:', CACHE_TAG: 'a' });
    expect(rulesOf(builds()[0])).toHaveLength(3);
  });

  test('and with the engine too', async () => {
    buildsAfter();
    machine.tell('docker', {
      'version --format Docker *': { stdout: 'Docker 28.5.2\n' }, 'version *': { stdout: '28.5.2\n' }, 'build *': {}, 'push *': {},
    });
    expect((await machine.run('build-with-engine.sh')).code).toBe(0);
    expect(rulesOf(machine.calls('docker').find(({ args }) => args[0] === 'build')!)).toHaveLength(3);
  });

  test('goes on without the one that fails, and says so', async () => {
    buildsAfter(NOT_THERE);
    const { code, stderr } = await machine.run('build.sh');
    expect(code).toBe(0);
    expect(stderr).toBe(`WARNING: the mirror ${MIRROR} of docker.io failed, base images come from docker.io itself: ERROR: failed to build: failed to solve: ${NOT_THERE}\n`);
    expect(builds()).toHaveLength(2);
    expect(machine.recall('result')).toBe('built');
    expect(machine.recall('pushed')).toBe(DIGEST);
    expect(machine.recall('mirrors.failed')).toBe(`${HUB} `);
  });

  test('has the others still', async () => {
    buildsAfter(NOT_THERE);
    await machine.run('build.sh');
    expect(rulesOf(builds()[1])!.map(([from]) => from)).toEqual(['docker-image://ghcr.io/*', 'docker-image://quay.io/*']);
  });

  test('goes on without any of them when all fail, and then asks for no policy', async () => {
    buildsAfter(
      `failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://${MIRROR.replace('/', '/v2/')}/library/python/blobs/sha256:0": EOF`,
      'failed to do request: Head "https://mirror.example.com:5000/v2/team/app/manifests/1": connection refused',
      'quay.io/a:1: failed to resolve source metadata for quay.io/a:1: pull access denied, repository does not exist or may require authorization',
    );
    expect((await machine.run('build.sh')).code).toBe(0);
    expect(builds()).toHaveLength(4);
    expect(rulesOf(builds()[3])).toBeUndefined();
  });

  describe('a login that was refused, of which the last error names no image,', () => {
    const REFUSED = 'failed to fetch oauth token: unauthorized: incorrect username or password';
    const load = (image: string) => ({ digest: `sha256:${image}`, name: `[internal] load metadata for ${image}`, started: '2026-01-01T00:00:00Z' });
    /** A builder that says what it does, and fails at it the first time. */
    const refuses = (...vertexes: object[]) => machine.tell('docker', {
      'buildx inspect *': { stdout: 'BuildKit version: v0.32.2\n' },
      'buildx build *': {
        run: `if [[ ! -e "$TMPDIR/failed" ]]; then touch "$TMPDIR/failed"; printf '%s\\n' '${JSON.stringify({ vertexes })}' 'ERROR: failed to build: failed to solve: ${REFUSED}'; exit 1; fi\n${leavesDigest(DIGEST)}`,
      },
    });

    test('is known by the step that failed', async () => {
      const at = { completed: '2026-01-01T00:00:01Z' };
      refuses(
        { ...load('ghcr.io/team/base:1'), ...at, error: 'Canceled: context canceled' },
        { ...load('quay.io/a:1'), ...at, error: `failed to authorize: ${REFUSED}` },
        { ...load('docker.io/library/python:3.12'), ...at },
      );
      const { code, stderr } = await machine.run('build.sh');
      expect(code).toBe(0);
      expect(stderr).toBe(`WARNING: the mirror mirror.example.org/quay.io of quay.io failed, base images come from quay.io itself: ERROR: failed to build: failed to solve: ${REFUSED}\n`);
    });

    test('is no matter of a mirror when it was for another registry', async () => {
      refuses({ ...load('registry.example.com/a:1'), completed: '2026-01-01T00:00:01Z', error: `failed to authorize: ${REFUSED}` });
      expect((await machine.run('build.sh')).code).toBe(1);
      expect(builds()).toHaveLength(1);
    });
  });

  describe('a layer that could not be had, of which no error says whose it was,', () => {
    const BROKEN = 'failed to compute cache key: failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://layers.s3.eu-central-1.amazonaws.com/1: 403 Forbidden';
    /** A builder that takes its base images from there, and cannot get a layer the first time. */
    const breaks = (error: string, ...images: string[]) => machine.tell('docker', {
      'buildx inspect *': { stdout: 'BuildKit version: v0.32.2\n' },
      'buildx build *': {
        run: `if [[ ! -e "$TMPDIR/failed" ]]; then touch "$TMPDIR/failed"; printf '%s\\n' '${JSON.stringify({
          vertexes: images.map((image) => ({ digest: `sha256:${image}`, name: `[1/2] FROM ${image}`, started: '2026-01-01T00:00:00Z' })),
        })}' 'ERROR: failed to build: failed to solve: ${error}'; exit 1; fi\n${leavesDigest(DIGEST)}`,
      },
    });

    test.each([BROKEN, 'short read: expected 1036618 bytes but got 25: unexpected EOF', `failed commit on ref "layer-${DIGEST}": unexpected commit digest sha256:1`])(
      'was that of the mirror in use: %s', async (error) => {
        breaks(error, 'registry.example.com/a:1', 'mirror.example.com:5000/team/app:1@sha256:1');
        const { code, stderr } = await machine.run('build.sh');
        expect(code).toBe(0);
        expect(stderr).toBe(`WARNING: the mirror mirror.example.com:5000 of ghcr.io failed, base images come from ghcr.io itself: ERROR: failed to build: failed to solve: ${error}\n`);
      });

    test('was that of the stage that failed, if there are several', async () => {
      const started = { started: '2026-01-01T00:00:00Z' };
      const vertexes = [
        { digest: 'a', name: '[tools 1/2] FROM mirror.example.com:5000/team/app:1', ...started },
        { digest: 'b', name: '[final 1/3] FROM mirror.example.org/quay.io/a:1', ...started },
        { digest: 'c', name: '[final 2/3] RUN true', ...started, completed: '2026-01-01T00:00:01Z', error: BROKEN },
      ];
      machine.tell('docker', {
        'buildx inspect *': { stdout: 'BuildKit version: v0.32.2\n' },
        'buildx build *': {
          run: `if [[ ! -e "$TMPDIR/failed" ]]; then touch "$TMPDIR/failed"; printf '%s\\n' '${JSON.stringify({ vertexes })}' 'ERROR: failed to build: failed to solve: ${BROKEN}'; exit 1; fi\n${leavesDigest(DIGEST)}`,
        },
      });
      await machine.run('build.sh');
      expect(machine.recall('mirrors.failed')).toBe('quay.io=mirror.example.org/quay.io ');
    });

    test('is no matter of mirrors that no image came from', async () => {
      breaks(BROKEN, 'registry.example.com/a:1');
      expect((await machine.run('build.sh')).code).toBe(1);
      expect(builds()).toHaveLength(1);
    });
  });

  describe('a layer that only the push needs and that did not come, of which the error says that the push was refused,', () => {
    const REFUSED = `failed to push ${REPOSITORY}: denied: not for you`;
    const pushes = (image: string, ...statuses: object[]) => {
      const events = [
        { vertexes: [{ digest: 'sha256:1', name: `[1/2] FROM ${image}@${DIGEST}`, started: '2026-01-01T00:00:00Z', completed: '2026-01-01T00:00:01Z' }] },
        { statuses: [{ id: 'pushing layers', vertex: 'sha256:2', started: '2026-01-01T00:00:02Z' }] },
        ...statuses.map((status) => ({ statuses: [{ id: 'sha256:3', vertex: 'sha256:1', started: '2026-01-01T00:00:02Z', ...status }] })),
      ].map((event) => `'${JSON.stringify(event)}'`).join(' ');
      machine.tell('docker', {
        'buildx version': { stdout: 'github.com/docker/buildx v0.36.1 0\n' },
        'buildx inspect *': { stdout: 'BuildKit version: v0.32.2\n' },
        'buildx build *': { run: `if [[ ! -e "$TMPDIR/failed" ]]; then touch "$TMPDIR/failed"; printf '%s\\n' ${events} 'ERROR: failed to build: failed to solve: ${REFUSED}'; exit 1; fi\n${leavesDigest(DIGEST)}` },
      });
    };

    test('was that of its mirror', async () => {
      pushes(`${MIRROR}/library/python:3.12`, { current: 0, total: 9 }, { current: 5, total: 9 });
      const { code, stderr } = await machine.run('build.sh');
      expect(code).toBe(0);
      expect(stderr).toBe(`WARNING: the mirror ${MIRROR} of docker.io failed, base images come from docker.io itself: ERROR: failed to build: failed to solve: ${REFUSED}\n`);
    });

    test.each<[string, string, object[]]>([
      ['it came', `${MIRROR}/library/python:3.12`, [{ current: 0 }, { current: 9, completed: '2026-01-01T00:00:03Z' }]],
      ['it was of no mirror', 'registry.example.com/a:1', [{ current: 5 }]],
      ['there was none', `${MIRROR}/library/python:3.12`, []],
    ])('is no matter of a mirror when %s', async (_, image, statuses) => {
      pushes(image, ...statuses);
      expect((await machine.run('build.sh')).code).toBe(1);
      expect(machine.recall('mirrors.failed')).toBeUndefined();
    });
  });

  test('fails with the mirror where it has to be there', async () => {
    buildsAfter(NOT_THERE);
    const { code, stderr } = await machine.run('build.sh', { IMAGE_MIRRORS_REQUIRED: 'true' });
    expect(code).toBe(1);
    expect(stderr).toBe(`\nERROR: the mirror ${MIRROR} of docker.io failed, and the builder was declared with fallbackToUpstream: false: ERROR: failed to build: failed to solve: ${NOT_THERE}\n\n`);
    expect(builds()).toHaveLength(1);
  });

  test.each([
    'process "/bin/sh -c false" did not complete successfully: exit code: 1',
    'failed to resolve source metadata for registry.k8s.io/pause:3: not found',
    `failed to push ${REPOSITORY}: 403 Forbidden`,
    `failed to push ${REPOSITORY}: unexpected status from POST request to https://${REPOSITORY.replace('/', '/v2/')}/blobs/uploads/: 403 Forbidden`,
    `failed to resolve source metadata for ${MIRROR}-of-others/a:1: not found`,
    'process "/bin/sh -c pip install --index-url https://mirror.example.com:5000/pypi/simple a" did not complete successfully: exit code: 1',
    'process "/bin/sh -c crane digest mirror.example.com:5000/a" did not complete successfully: exit code: 1',
    'failed to load cache key: Get "https://mirror.example.com:5000/files/a": EOF',
  ])('fails at once when it is no mirror that fails: %s', async (error) => {
    buildsAfter(error);
    const { code, stderr } = await machine.run('build.sh');
    expect(code).toBe(1);
    expect(stderr).toBe('\nERROR: the image could not be built or pushed, the reason stands above\n\n');
    expect(builds()).toHaveLength(1);
    expect(machine.recall('mirrors.failed')).toBeUndefined();
  });

  test.each([
    ['also below one that the image goes to', HOST, `failed to push ${REPOSITORY}: 403 Forbidden`, undefined],
    ['of two in one registry, the one with the longer path', HOST, `failed to do request: Head "https://${MIRROR.replace('/', '/v2/')}/library/a/manifests/1": EOF`, HUB],
    ['of two in one registry, the one with the shorter path', HOST, `failed to do request: Head "https://${HOST}/v2/team/a/manifests/1": EOF`, `ghcr.io=${HOST}`],
    ['though it is the push that lacked its layer', HOST, `failed to push ${REPOSITORY}: failed to copy: httpReadSeeker: failed open: could not fetch content: https://${MIRROR.replace('/', '/v2/')}/library/a/blobs/sha256:1: 500`, HUB],
  ])('finds the one that failed, %s', async (_, endpoint, error, failed) => {
    buildsAfter(error);
    await machine.run('build.sh', { IMAGE_MIRRORS: `ghcr.io=${endpoint} ${HUB}` });
    expect(machine.recall('mirrors.failed')).toBe(failed && `${failed} `);
  });
});

test('without mirrors no policy is asked for, and no version', async () => {
  buildsAfter();
  expect((await machine.run('build.sh', { IMAGE_MIRRORS: '', EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: '/nowhere' })).code).toBe(0);
  expect(machine.argumentsOf('docker').map((args) => args[1])).toEqual(['build']);
  expect(rulesOf(builds()[0])).toBeUndefined();
});

describe('a builder that cannot use mirrors', () => {
  const inspect = (stdout: string) => machine.tell('docker', { 'buildx inspect *': { stdout }, 'buildx build *': { run: leavesDigest(DIGEST) } });
  const engine = (stdout: string) => machine.tell('docker', {
    'version --format Docker *': { stdout: `Docker ${stdout}\n` }, 'version *': { stdout: `${stdout}\n` }, 'build *': {}, 'push *': {},
  });

  test.each([
    ['BuildKit 0.11.6', 'BuildKit version: v0.11.6\n'],
    ['BuildKit 0.8.3', 'Buildkit:  v0.8.3\n'],
    ['BuildKit 0.0.0+unknown', 'BuildKit version: v0.0.0+unknown\n'],
    ['a version that it does not say', 'Name: my-builder\nStatus: running\n'],
    ['a version that it does not say', 'BuildKit version: unknown\n'],
  ])('is noticed: %s', async (version, stdout) => {
    inspect(stdout);
    const { code, stderr } = await machine.run('build.sh', { IMAGE_MIRRORS: HUB });
    expect(code).toBe(0);
    expect(stderr).toBe(`WARNING: the mirror ${MIRROR} of docker.io failed, base images come from docker.io itself: mirrors need BuildKit 0.12, which Docker 25.0 has, and the builder has ${version}\n`);
    expect(rulesOf(builds()[0])).toBeUndefined();
  });

  test.each(['a[$(>ran)]', '0.a[$(>ran)].1', '0[$(>ran)].1', '$(>ran)', '0.hostile.1', '0.12hostile', '0.hostile[0]'])('is no part of a program: v%s', async (version) => {
    const hostile = 'a[$(>ran)]'; // what a name that is counted with would be replaced by
    inspect(`BuildKit version: v${version}\n`);
    const ran = () => fs.readdirSync(machine.sourceDirectory).includes('ran');
    const { code } = await machine.run('build.sh', { IMAGE_MIRRORS: HUB, hostile });
    expect([code, ran()]).toEqual([0, false]);
    expect(machine.recall('mirrors.failed')).toBe(`${HUB} `);
    machine.remember({ 'mirrors.failed': '' });
    engine(version);
    expect((await machine.run('build-with-engine.sh', { IMAGE_MIRRORS: HUB, hostile })).code).toBe(0);
    expect(ran()).toBe(false);
    expect(machine.recall('mirrors.failed')).toBe(`${HUB} `);
  });

  test.each(['24.0.9', '20.10.24+dfsg1', '1.13.1'])('is noticed when it is an engine: %s', async (version) => {
    engine(version);
    const { code, stderr } = await machine.run('build-with-engine.sh', { IMAGE_MIRRORS: HUB });
    expect(code).toBe(0);
    expect(stderr).toContain(`and the builder has Docker ${version}\n`);
    expect(rulesOf(machine.calls('docker').find(({ args }) => args[0] === 'build')!)).toBeUndefined();
  });

  test.each(['20.10.24+dfsg1', '24.0.9'])('is noticed when it is the client of a newer engine: %s', async (client) => {
    machine.tell('docker', {
      'version --format Docker *': { stdout: 'Docker 28.5.2\n' },
      'version --format {{.Client*': { stdout: `${client}\n` },
      'version *': { stdout: '28.5.2\n' },
      'build *': {},
      'push *': {},
    });
    const { code, stderr } = await machine.run('build-with-engine.sh', { IMAGE_MIRRORS: HUB });
    expect(code).toBe(0);
    expect(stderr).toContain(`base images come from docker.io itself: mirrors need the client of Docker 25.0, and the build image has ${client}\n`);
    expect(rulesOf(machine.calls('docker').find(({ args }) => args[0] === 'build')!)).toBeUndefined();
  });

  test('fails where the mirror has to be there', async () => {
    inspect('BuildKit version: v0.11.6\n');
    expect((await machine.run('build.sh', { IMAGE_MIRRORS_REQUIRED: 'true' })).code).toBe(1);
    expect(builds()).toEqual([]);
  });

  test.each(['BuildKit version: v0.12.0', 'BuildKit version: v0.32.2', 'Buildkit: v0.12.5+azure-2', 'BuildKit version: v1.0.0', 'BuildKit version:\t0.25.2-1'])(
    'is told from one that can: %s', async (line) => {
      inspect(`${line}\n`);
      expect(await machine.run('build.sh')).toMatchObject({ code: 0, stderr: '' });
      expect(rulesOf(builds()[0])).toHaveLength(3);
    });

  test.each(['25.0.0', '28.5.2+dfsg4', '29.0.0-rc.1', '101.1'])('is told from an engine that can: %s', async (version) => {
    engine(version);
    expect(await machine.run('build-with-engine.sh')).toMatchObject({ code: 0, stderr: '' });
    expect(rulesOf(machine.calls('docker').find(({ args }) => args[0] === 'build')!)).toHaveLength(3);
  });
});

test.each([
  ['moby/buildkit:v1', `${MIRROR}/moby/buildkit:v1`],
  ['buildkit', `${MIRROR}/library/buildkit`],
  ['docker.io/moby/buildkit@sha256:0', `${MIRROR}/moby/buildkit@sha256:0`],
  ['ghcr.io/team/buildkit:1', 'mirror.example.com:5000/team/buildkit:1'],
  ['localhost:5000/moby/buildkit:v1', 'localhost:5000/moby/buildkit:v1'],
  ['localhost/moby/buildkit:v1', 'localhost/moby/buildkit:v1'],
  ['public.ecr.aws/vend/moby/buildkit:v1', 'public.ecr.aws/vend/moby/buildkit:v1'],
])('the image %s is %s', async (image, expected) => {
  expect(await shell('mirrored "$IMAGE"', { IMAGE: image })).toEqual({ code: 0, stdout: expected, stderr: '' });
});
