import * as fs from 'fs';
import * as path from 'path';
import { KanikoLog } from '../../../../runner/builder/kaniko/kaniko-log';
import { SilenceWatch } from '../../../../runner/solve/silence';
import { errorOf, importsOf, stepsOf } from '../../../../runner/solve/solve-progress';

const says = (text: string, level = 'INFO', color = 36) => `\x1b[${color}m${level}\x1b[0m[0000] ${text} `;

/** The log of a build, and what it showed. */
function read(lines: readonly string[], cache: string | undefined = 'host/cache') {
  const log = new KanikoLog(cache);
  const shown = lines.flatMap((line) => log.show(line));
  return { log, shown, steps: stepsOf(log, true).map(({ isCached }) => (isCached ? 'cached' : 'run')) };
}

const fixture = (name: string) => fs.readFileSync(path.join(__dirname, 'fixtures', `kaniko-${name}.txt`), 'utf8').split('\n');
const count = (steps: string[]) => `${steps.filter((step) => step === 'cached').length} cached, ${steps.filter((step) => step === 'run').length} run`;

describe('the steps', () => {
  test('of a first build have all run', () => {
    const { steps, log } = read(fixture('first-build'));
    expect(count(steps)).toBe('0 cached, 6 run');
    expect(log.cacheFailure).toBeUndefined();
  });

  test('of stages that kaniko leaves out were cached', () => {
    expect(count(read(fixture('source-change')).steps)).toBe('5 cached, 1 run');
  });

  test('that are the same in two stages are two', () => {
    const stage = (index: number) => [says(`Building stage 'busybox' [idx: '${index}', base-idx: '-1']`), says('RUN make'), says('COPY a /')];
    expect(read([...stage(0), ...stage(1)]).steps).toEqual(['run', 'run', 'run', 'run']);
  });

  test('are none of what a step prints', () => {
    const { steps, shown } = read([says("Building stage 'x' [idx: '0', base-idx: '-1']"), says('RUN make'), 'RUN fake', '[1/1] RUN fake', 'INFO[0000] COPY fake /']);
    expect(steps).toEqual(['run']);
    expect(shown.slice(2)).toEqual(['RUN fake', '[1/1] RUN fake', 'INFO[0000] COPY fake /']);
  });
});

describe('the lines', () => {
  test('have no colors and no blanks at their ends, and nothing that is repeated all the time', () => {
    const { shown } = read(fixture('first-build'));
    expect(shown).toContain('INFO[0000] No cached layer found for cmd WORKDIR /build');
    expect(shown.join('\n')).not.toMatch(/\x1b| $|credential (providers|helpers)|Returning cached image manifest|Retrieving image manifest/m);
  });

  test('of a step keep what they have', () => {
    expect(read(['\x1b[32mgreen\x1b[0m $(touch x) `touch x`', '  indented']).shown).toEqual(['\x1b[32mgreen\x1b[0m $(touch x) `touch x`', '  indented']);
  });

  test.each<[string, string]>([
    ['a progress bar', `${'='.repeat(44_000)}>`],
    ['blanks', `a${' '.repeat(200_000)}b`],
    ['blanks at its end', `a${' '.repeat(200_000)}`],
    ['blanks behind a color', `\x1b[36mINFO\x1b[0m[0000] ${' '.repeat(200_000)}b`],
    ['beginnings of colors', '\x1b[36m'.repeat(40_000)],
    ['what looks like an error', `error ${'a'.repeat(200_000)}`],
    ['what looks like a step', says(`RUN ${'a && '.repeat(40_000)}`)],
  ])('may be of %s, as long as they want', (_, line) => {
    const start = performance.now();
    read(Array.from({ length: 50 }, () => line));
    expect(performance.now() - start).toBeLessThan(3000); // some 20 ms; with the square of the length it would be minutes
  });
});

describe('the cache', () => {
  test('is read where there is one', () => {
    expect(importsOf(read([]).log)).toEqual([{ from: 'kaniko', error: '' }]);
    expect(importsOf(new KanikoLog(undefined))).toEqual([]);
  });

  test('that is not written is said, with its first reason', () => {
    expect(read(fixture('refused-cache')).log.cacheFailure).toMatch(/^failed to push to destination 123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com\/team\/cache:.*403/);
    expect(read([says('Error uploading layer to cache: one', 'WARN'), says('Error uploading layer to cache: two', 'WARN')]).log.cacheFailure).toBe('one');
  });

  test('is not what a step prints', () => {
    expect(read(['Error uploading layer to cache: one']).log.cacheFailure).toBeUndefined();
  });
});

test.each([
  'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 3',
  'error pushing image: failed to push to destination host/app:v1: 403',
  'panic: Assertion violated [executor.compositekey.key-match]: another key',
])('the error of a build is %j', (line) => {
  expect(errorOf(read([says('RUN make'), `${line}  `, 'goroutine 1 [running]:']).log).text).toBe(line);
});

test('a tag that another build has set meanwhile is noted, and only when kaniko itself says so', () => {
  expect(read([says('Immutable tag error ignored for host/app@sha256:1')]).log.isTagTaken).toBe(true);
  expect(read(['Immutable tag error ignored for host/app@sha256:1']).log.isTagTaken).toBe(false);
});

describe('a mirror', () => {
  const ASKS = [says('Retrieving image busybox:stable from mapped registry mirror.example.com'), says('all credential helpers disabled'), says('credential providers by priority: [file:/x, ]')];

  test('that fails is where the build failed', () => {
    expect(errorOf(read(fixture('failing-mirror')).log)).toEqual({
      vertex: '[internal] load metadata for busybox:stable',
      text: expect.stringMatching(/^error building image: image not found on any configured mapped registries for busybox:stable; Failed to retrieve image busybox:stable from remapped /),
    });
  });

  test.each<[string, string[], boolean]>([
    ['that is asked', ASKS, true],
    ['that has answered', [...ASKS, says('Built cross stage deps: map[]')], false],
    ['while a step prints', [...ASKS, 'compiling'], false],
    ['that is none', [says('Retrieving image busybox:stable from registry index.docker.io')], false],
  ])('%s and then nothing comes: the wait ends %s', async (_, lines, ends) => {
    const silence = new SilenceWatch(read(lines).log, 40);
    await new Promise((resolve) => setTimeout(resolve, 150));
    silence.stop();
    expect(silence.signal.aborted).toBe(ends);
    if (ends) expect(silence.signal.reason).toMatch(/ during '\[internal\] load metadata for busybox:stable'$/);
  });
});
