import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine, fixture, REPOSITORY } from './build-machine';
import { CACHE, DIGEST, IMPORT, machineAfterBuild, progressOf, reportOf, Vertex } from './report-machine';

let machine: BuildMachine;

beforeEach(() => {
  machine = machineAfterBuild();
});

async function report(environment: { [name: string]: string } = {}) {
  return reportOf(machine, environment);
}

async function stepsOf(...vertexes: Vertex[]): Promise<string> {
  machine.remember({ 'build.progress': progressOf(...vertexes) });
  return (await report()).steps;
}

test('a build is told in a few lines', async () => {
  const { time, ...lines } = await report();
  expect(lines).toEqual({
    'image': `${REPOSITORY}:v1`,
    'digest': DIGEST,
    'result': 'built',
    'builder': 'a container of moby/buildkit:v1',
    'steps': '5 cached, 1 run',
    'cache read': 'yes',
    'cache written': 'yes',
  });
});

test('each phase has its time, in tenths of a second, and so has the whole', async () => {
  const { time } = await report();
  expect(time).toMatch(/^login 1\.2 s, lookup 0\.0 s, builder 0\.[01] s, build 61\.0 s, publish 0\.0 s, cache export 0\.5 s, total 6[5-9]\.\d s$/);
});

describe('of base images', () => {
  const IMAGE_MIRRORS = 'docker.io=mirror.example.com/docker-hub ghcr.io=mirror.example.com/github';

  test('the report says from which mirrors they came', async () => {
    expect((await report({ IMAGE_MIRRORS }))['base images']).toBe('docker.io by mirror.example.com/docker-hub, ghcr.io by mirror.example.com/github');
  });

  test('the report says which mirror failed', async () => {
    machine.remember({ 'mirrors.failed': 'docker.io=mirror.example.com/docker-hub ' });
    expect((await report({ IMAGE_MIRRORS }))['base images']).toBe('docker.io itself, since its mirror failed, ghcr.io by mirror.example.com/github');
  });

  test('the report says that none was needed', async () => {
    machine.remember({ result: 'already there' });
    expect((await report({ IMAGE_MIRRORS }))['base images']).toBe('not needed');
  });
});

test('an image that was there already needed neither builder nor cache', async () => {
  machine = new BuildMachine(CACHE);
  machine.remember({ tag: 'v1', digest: DIGEST, result: 'already there', phases: 'login 1000000\nlookup 100000\npublish 0\n', started: `${Date.now() * 1000}` });
  const { time, ...lines } = await report();
  expect(lines).toEqual({
    'image': `${REPOSITORY}:v1`,
    'digest': DIGEST,
    'result': 'already there',
    'builder': 'none',
    'steps': 'none',
    'cache read': 'not needed',
    'cache written': 'not needed',
  });
  expect(time).toMatch(/^login 1\.0 s, lookup 0\.1 s, publish 0\.0 s, total /);
});

test('a result other than built stands there', async () => {
  machine.remember({ result: 'built by another build at the same time' });
  expect((await report()).result).toBe('built by another build at the same time');
});

test.each([
  ['missing', undefined],
  ['empty', ''],
  ['cut', fixture('source-change.rawjson').slice(0, 5000)],
  ['of another form', '{"vertexes":[{"digest":1,"name":2},{"digest":"a"},5,null]}\n{"vertexes":"x"}\n[]\n#\n#1\n#1 \n\u0000\n'],
])('a progress that is %s does not fail a build that has pushed its image', async (_, progress) => {
  fs.rmSync(path.join(machine.buildDirectory, 'build.progress'));
  if (progress !== undefined) {
    machine.remember({ 'build.progress': progress });
  }
  const { code, stdout } = await machine.run('report.sh');
  expect(code).toBe(0);
  expect(stdout).toContain(`digest        ${DIGEST}\n`);
  expect(stdout).toMatch(/, total .* s\n$/);
});

test('the progress of a long build is summed up in moments', async () => {
  const log = `${JSON.stringify({ logs: [{ vertex: 'a', stream: 1, data: Buffer.from('x'.repeat(150)).toString('base64') }] })}\n`;
  machine.remember({ 'build.progress': fixture('source-change.rawjson') + log.repeat(40_000) }); // 10 MB
  const start = Date.now();
  expect((await report()).steps).toBe('5 cached, 1 run');
  expect(Date.now() - start).toBeLessThan(15_000);
}, 20_000);

describe('the steps', () => {
  test.each([
    ['a first build', 'first-build.rawjson', '0 cached, 6 run'],
    ['a change of the source', 'source-change.rawjson', '5 cached, 1 run'],
    ['a cache that could not be read', 'unreadable-cache.rawjson', '0 cached, 6 run'],
  ])('of %s are counted', async (_, name, steps) => {
    machine.remember({ 'build.progress': fixture(name) });
    expect((await report()).steps).toBe(steps);
  });

  test('of the Dockerfile alone count', async () => {
    expect(await stepsOf(
      { name: '[internal] load build definition from Dockerfile' },
      { name: '[internal] load .dockerignore' },
      { name: '[internal] load metadata for docker.io/library/python:3.12' },
      { name: '[internal] load build context' },
      { name: '[internal] settings cache mount permissions' },
      { name: '[auth] library/python:pull token for registry-1.docker.io' },
      { name: 'docker-image://docker.io/docker/dockerfile:1' },
      { name: IMPORT },
      { name: '[stage-1 1/3] FROM docker.io/library/python:3.12@sha256:0' },
      { name: 'FROM docker.io/library/node@sha256:0' },
      { name: '[stage-1 2/3] RUN make', cached: true },
      { name: '[linux/arm64 stage-1 3/3] COPY a b' },
      { name: 'exporting to image' },
      { name: 'exporting cache to registry' },
      { name: 'resolving provenance for metadata file' },
    )).toBe('1 cached, 1 run');
  });

  test('of a Dockerfile with nothing but FROM are none', async () => {
    expect(await stepsOf({ name: '[1/1] FROM scratch' })).toBe('0 cached, 0 run');
  });

  test('stay cached, though BuildKit names them again later', async () => {
    machine.remember({
      'build.progress': [
        { digest: 'a', name: '[1/2] RUN a', cached: true, completed: '2026-01-01T00:00:00Z' },
        { digest: 'a', name: '[1/2] RUN a' },
        { digest: 'b', name: '[2/2] RUN b' },
        { digest: 'b', name: '[2/2] RUN b', cached: true },
      ].map((vertex) => JSON.stringify({ vertexes: [vertex] })).join('\n'),
    });
    expect((await report()).steps).toBe('2 cached, 0 run');
  });

  test('of stages named like the work of BuildKit count', async () => {
    expect(await stepsOf({ name: '[auth 2/2] RUN a' }, { name: '[internal 1/2] COPY . .' }, { name: '[internal-tools 1/1] RUN b', cached: true }))
      .toBe('1 cached, 2 run');
  });

  test('count whatever text is in them', async () => {
    expect(await stepsOf({ name: '[1/3] RUN echo "[a] FROM b"' }, { name: '[2/3] WORKDIR /[internal] x' }, { name: '[3/3] RUN psql -c "select a[1] FROM b"' }))
      .toBe('0 cached, 3 run');
  });

  test('that download a file count once, though BuildKit does them in two', async () => {
    const name = '[2/2] ADD https://example.com/a /a';
    expect(await stepsOf({ digest: 'source', name }, { digest: 'copy', name })).toBe('0 cached, 1 run');
  });

  test('that are linked count once, though BuildKit links in a step of its own', async () => {
    expect(await stepsOf(
      { digest: 'a', name: '[2/3] COPY --link a /', cached: true }, { digest: 'b', name: '[2/3] LINK COPY --link a /', cached: true },
      { digest: 'c', name: '[3/3] COPY --link b /' }, { digest: 'd', name: '[3/3] LINK COPY --link b /' },
    )).toBe('1 cached, 1 run');
  });

  test('are counted although docker printed something first', async () => {
    machine.remember({ 'build.progress': `WARNING: Error loading config file: permission denied\n${fixture('source-change.rawjson')}` });
    expect((await report()).steps).toBe('5 cached, 1 run');
  });

  test('are counted in the log of an engine too, where a cached one is done once its layers are unpacked', async () => {
    machine.remember({ 'build.progress': fixture('engine.txt') });
    expect((await report()).steps).toBe('5 cached, 1 run');
  });

  test('of an engine count whatever the stages are named, and whatever the steps print', async () => {
    machine.remember({
      'build.progress': [
        '#0 building with "default" instance using docker driver', '',
        '#1 [internal] load build definition from Dockerfile', '#1 DONE 0.0s', '',
        '#2 [auth] library/python:pull token for registry-1.docker.io', '#2 DONE 0.0s', '',
        '#3 [stage-1 1/3] FROM docker.io/library/python', '#3 CACHED', '',
        '#4 [authentication 2/3] RUN a', '#4 CACHED', '',
        '#5 [internal-tools 2/2] RUN echo "[x] FROM y"', '#5 0.123 [1/2] RUN no step', '#5 0.124 CACHED', '#5 DONE 0.2s', '',
        '#5 [internal-tools 2/2] RUN echo "[x] FROM y"', '#5 DONE 0.2s', '',
        '#6 exporting to image', '#6 DONE 0.0s', '',
      ].join('\n'),
    });
    expect((await report()).steps).toBe('1 cached, 1 run');
  });
});
