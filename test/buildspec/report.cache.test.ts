import { BuildMachine, fixture } from './build-machine';
import { IMPORT, machineAfterBuild, progressOf, reportOf } from './report-machine';

let machine: BuildMachine;

beforeEach(() => {
  machine = machineAfterBuild();
});

async function report(environment: { [name: string]: string } = {}) {
  return reportOf(machine, environment);
}

async function cacheReadOf(...errors: Array<string | undefined>): Promise<string> {
  machine.remember({ 'build.progress': progressOf(...errors.map((error, index) => ({ name: `${IMPORT}-${index}`, error }))) });
  return (await report())['cache read'];
}

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
    const lines = await report({ CACHE_LOCATION: '', CACHE_EXPORT: '', CACHE_KEEPER: 'the engine of this machine' });
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
