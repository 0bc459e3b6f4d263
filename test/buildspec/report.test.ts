import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine, fixture, REPOSITORY } from './build-machine';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const CACHE = { CACHE_LOCATION: 'type=registry,ref=host/app:', CACHE_TAG: 'cache-a', CACHE_EXPORT: 'mode=max' };
const IMPORT = 'importing cache manifest from host/app:cache-a';

let machine: BuildMachine;

/** After a build with everything. */
beforeEach(() => {
  machine = new BuildMachine(CACHE);
  machine.remember({
    'tag': 'v1',
    'digest': DIGEST,
    'result': 'built',
    'builder.description': 'a container of moby/buildkit:v1',
    'build.progress': fixture('source-change.rawjson'),
    'phases': 'login 1234567\nlookup 49999\nbuilder 50000\nbuild 61000000\npublish 0\ncache export 500000\n',
    'started': `${(Date.now() - 65_000) * 1000}`,
  });
});

/** The lines of the report by their first column. */
async function report(environment: { [name: string]: string } = {}): Promise<{ [line: string]: string }> {
  const { code, stdout, stderr } = await machine.run('report.sh', environment);
  expect([code, stderr.replace(/^WARNING: .*/s, '')]).toEqual([0, '']);
  const [empty, title, ...lines] = stdout.trimEnd().split('\n');
  expect([empty, title]).toEqual(['', '--- cached docker build ---']);
  return Object.fromEntries(lines.map((line) => [line.slice(0, 14).trimEnd(), line.slice(14)]));
}

interface Vertex {
  readonly name: string;
  readonly digest?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

/** What BuildKit says of vertexes: that they are there, and then how they ended. */
function progressOf(...vertexes: Vertex[]): string {
  const times = { started: '2026-01-01T00:00:00.1Z', completed: '2026-01-01T00:00:01.2Z' };
  const all = vertexes.map((vertex) => ({ digest: vertex.digest ?? `sha256:${vertex.name}`, ...vertex }));
  return [
    ...all.map(({ digest, name }) => ({ vertexes: [{ digest, name }] })),
    ...all.map((vertex) => ({ vertexes: [{ ...vertex, ...times }] })),
  ].map((event) => `${JSON.stringify(event)}\n`).join('');
}

async function stepsOf(...vertexes: Vertex[]): Promise<string> {
  machine.remember({ 'build.progress': progressOf(...vertexes) });
  return (await report()).steps;
}

async function cacheReadOf(...errors: Array<string | undefined>): Promise<string> {
  machine.remember({ 'build.progress': progressOf(...errors.map((error, index) => ({ name: `${IMPORT}-${index}`, error }))) });
  return (await report())['cache read'];
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

describe('whether the cache was read', () => {
  test.each([
    ['a first build', 'first-build.rawjson', 'no, there is none yet'],
    ['a change of the source', 'source-change.rawjson', 'yes'],
  ])('is said of %s', async (_, name, text) => {
    machine.remember({ 'build.progress': fixture(name) });
    const { stderr } = await machine.run('report.sh');
    expect(stderr).toBe('');
    expect((await report())['cache read']).toBe(text);
  });

  test('a cache that is denied is a warning with the reason, also beside one that is not there', async () => {
    machine.remember({ 'build.progress': fixture('unreadable-cache.rawjson') });
    const { code, stdout, stderr } = await machine.run('report.sh');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^WARNING: the layer cache could not be read: (no, )?failed to configure registry cache importer: .*403 Forbidden/);
    expect(stderr).toContain('denied: User is not authorized to perform: ecr:BatchGetImage');
    expect(stdout).toMatch(/^cache read {4}no, failed to configure registry cache importer: .*403 Forbidden/m);
  });

  test('a reason of several lines leaves the table a table', async () => {
    machine.remember({ 'build.progress': fixture('unreadable-cache.rawjson') });
    const { stdout } = await machine.run('report.sh');
    expect(stdout.trimEnd().split('\n')).toHaveLength(2 + 8);
  });

  test('one cache of several that can be read is enough, and is named', async () => {
    expect(await cacheReadOf('x: not found', undefined)).toBe('yes, cache-a-1');
    expect(await cacheReadOf('403 Forbidden', undefined)).toBe('yes, cache-a-1');
    expect(await cacheReadOf(undefined, 'x: not found', undefined)).toBe('yes, cache-a-0, cache-a-2');
  });

  test('the only one there is needs no name', async () => {
    expect(await cacheReadOf(undefined)).toBe('yes');
  });

  test('several that are not there are none', async () => {
    expect(await cacheReadOf('host/app:cache-a: not found', 'host/app:cache-b: not found')).toBe('no, there is none yet');
  });

  test('not found is only what the registry does not have', async () => {
    const error = 'error getting credentials - err: exec: "docker-credential-x": executable file not found in $PATH, out: ``';
    expect(await cacheReadOf(`failed to configure registry cache importer: ${error}`)).toContain('executable file not found');
  });

  describe('of a bucket', () => {
    const BUCKET = { CACHE_LOCATION: 'type=s3,region=r,bucket=b,prefix=p/,name=' };
    const read = async (cached: boolean) => {
      machine.remember({ 'build.progress': progressOf({ name: 'importing cache manifest from s3:9166842160713180186' }, { name: '[1/2] RUN a', cached }, { name: '[2/2] RUN b' }) });
      const { code, stdout, stderr } = await machine.run('report.sh', BUCKET);
      expect([code, stderr]).toEqual([0, '']);
      return /^cache read {4}(.*)$/m.exec(stdout)![1];
    };

    test('is known from the steps, since BuildKit does not say when there is none', async () => {
      expect(await read(true)).toBe('yes');
      expect(await read(false)).toBe('no, there is none yet or nothing of it fits');
    });
  });

  test('a cache that nobody asked for is off', async () => {
    expect((await report({ CACHE_LOCATION: '' }))['cache read']).toBe('off');
  });

  test('a cache that the builder does not speak of is unknown', async () => {
    machine.remember({ 'build.progress': progressOf({ name: '[1/1] RUN a' }) });
    expect((await report())['cache read']).toBe('unknown');
  });

  test.each([
    ['that was there', '#5 inferred cache manifest type: application/vnd.oci.image.manifest.v1+json done\n#5 DONE 0.0s\n', /^yes$/],
    ['that was not there', '#5 ERROR: failed to configure registry cache importer: host/app:latest: not found\n', /^no, there is none yet$/],
    ['that was denied', '#5 ERROR: failed to configure registry cache importer: unexpected status: 403 Forbidden\n', /^no, .*403 Forbidden/],
  ])('an engine says it too, of a cache %s', async (_, lines, text) => {
    machine.remember({ 'build.progress': `#0 building with "default" instance using docker driver\n\n#5 ${IMPORT}\n${lines}\n#6 [1/1] RUN a\n#6 DONE 0.1s\n` });
    expect((await report({ CACHE_LOCATION: '', CACHE_FROM: 'latest', CACHE_INLINE: 'true' }))['cache read']).toMatch(text);
  });
});

describe('whether the cache was written', () => {
  test('is said when it was not, with the reason', async () => {
    machine.remember({ 'cache.failed': 'ERROR: denied' });
    expect((await report())['cache written']).toBe('no, ERROR: denied');
    expect((await report({ CACHE_EXPORT: '', CACHE_INLINE: 'true' }))['cache written']).toBe('no, ERROR: denied');
  });

  test('an inline cache is within the image', async () => {
    expect((await report({ CACHE_EXPORT: '', CACHE_INLINE: 'true' }))['cache written']).toBe('yes, within the image');
  });

  test('stages are named', async () => {
    expect((await report({ CACHE_EXPORT: '', CACHE_INLINE: 'true', CACHE_STAGES: 'deps compiler' }))['cache written'])
      .toBe('yes, within the image, and as the stages deps compiler');
  });

  test('what the engine keeps is where it is', async () => {
    const lines = await report({ CACHE_LOCATION: '', CACHE_EXPORT: '', CACHE_LOCAL: 'true' });
    expect([lines['cache read'], lines['cache written']]).toEqual(['what the engine of this machine has', 'in the engine of this machine']);
  });

  test('without a cache it is off', async () => {
    const lines = await report({ CACHE_LOCATION: '', CACHE_EXPORT: '' });
    expect([lines['cache read'], lines['cache written']]).toEqual(['off', 'off']);
  });
});

describe('a cache with ignoreErrors: false', () => {
  const REQUIRED = { CACHE_REQUIRED: 'true' };

  test('that was not written fails the build, after the whole report', async () => {
    machine.remember({ 'cache.failed': 'ERROR: denied' });
    const { code, stdout, stderr } = await machine.run('report.sh', REQUIRED);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^cache written no, ERROR: denied\ntime .* total .* s\n$/m);
    expect(stderr).toBe('\nERROR: the image is in the registry, but its layer cache is not, and the cache was declared with ignoreErrors: false\n\n');
  });

  test('that was written fails nothing', async () => {
    expect((await report(REQUIRED))['cache written']).toBe('yes');
  });

  test('fails nothing when it could only not be read', async () => {
    machine.remember({ 'build.progress': fixture('unreadable-cache.rawjson') });
    expect((await machine.run('report.sh', REQUIRED)).code).toBe(0);
  });

  test('fails nothing when there was nothing to build', async () => {
    machine.remember({ result: 'already there' });
    expect((await report(REQUIRED))['cache written']).toBe('not needed');
  });
});
