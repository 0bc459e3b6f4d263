import { PlainProgress } from '../../../runner/solve/plain-progress';
import { errorOf, importsOf, stepsOf } from '../../../runner/solve/solve-progress';
import { fixture, show } from '../testhelpers/progress-of';

function progressAfter(...lines: string[]): PlainProgress {
  const progress = new PlainProgress();
  lines.forEach((line) => progress.show(line));
  return progress;
}

/** How many steps the cache had, and how many ran. */
function countOf(progress: PlainProgress): [number, number] {
  const steps = stepsOf(progress, true);
  return [steps.filter(({ isCached }) => isCached).length, steps.filter(({ isCached }) => !isCached).length];
}

test('every line is shown as it is', () => {
  const text = fixture('engine.txt').replace(/\n$/, '');
  expect(show(new PlainProgress(), text).join('\n')).toBe(text);
  const odd = ['', '#', '#1', '#1 ', '# 1 a', '#x y', 'a\rb', '#1 a\rb', '\0', '$(touch x)'];
  expect(show(new PlainProgress(), odd.join('\n'))).toEqual(odd);
});

test('steps are counted, of which a cached one is done once its layers are unpacked', () => {
  const progress = new PlainProgress();
  show(progress, fixture('engine.txt'));
  expect(countOf(progress)).toEqual([5, 1]);
  expect(importsOf(progress)).toEqual([{ from: 'cache-app', error: '' }]);
});

test('steps count whatever the stages are named, and whatever the steps print', () => {
  expect(countOf(progressAfter(
    '#0 building with "default" instance using docker driver', '',
    '#1 [internal] load build definition from Dockerfile', '#1 DONE 0.0s', '',
    '#2 [auth] library/python:pull token for registry-1.docker.io', '#2 DONE 0.0s', '',
    '#3 [stage-1 1/3] FROM docker.io/library/python', '#3 CACHED', '',
    '#4 [authentication 2/3] RUN a', '#4 CACHED', '',
    '#5 [internal-tools 2/2] RUN echo "[x] FROM y"', '#5 0.123 [1/2] RUN no step', '#5 0.124 CACHED', '#5 DONE 0.2s', '',
    '#5 [internal-tools 2/2] RUN echo "[x] FROM y"', '#5 DONE 0.2s', '',
    '#6 exporting to image', '#6 DONE 0.0s', '',
  ))).toEqual([1, 1]);
});

test.each([
  ['that was there', '#5 inferred cache manifest type: application/vnd.oci.image.manifest.v1+json done', '#5 DONE 0.0s', ''],
  ['that was not there', '#5 ERROR: failed to configure registry cache importer: host/app:latest: not found', '', 'failed to configure registry cache importer: host/app:latest: not found'],
])('a cache %s is known', (_, line, end, error) => {
  expect(importsOf(progressAfter('#5 importing cache manifest from host/app:latest', line, end))).toEqual([{ from: 'latest', error }]);
});

test('the error of a step that failed is known, and the last word of all', () => {
  const progress = progressAfter(
    '#7 [2/3] RUN false', '#7 0.1 working', '#7 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1',
    '------', ' > [2/3] RUN false:', '------',
    'ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1',
  );
  expect(errorOf(progress)).toEqual({ vertex: '[2/3] RUN false', text: 'ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1' });
});

test.each(['ERROR: a', 'error during connect: a', 'Error response from daemon: a'])('the last word is known in each spelling: %s', (line) => {
  expect(errorOf(progressAfter('#1 x', line, '------')).text).toBe(line);
});

test('what a step prints is neither the last word nor an end nor an error', () => {
  const progress = progressAfter('#7 [2/3] RUN a', '#7 0.1 ERROR: forged', '#7 0.2 DONE 1s', '#7 0.3 ERROR: x', '#7 0.4 CACHED');
  expect(progress.lastError).toBe('');
  expect([...progress.vertexes]).toMatchObject([{ name: '[2/3] RUN a', error: '', isDone: false, isCached: false }]);
});

test('a step that was given up was not needed in a build that succeeded, unless it ran', () => {
  const steps = (...ends: string[]) => {
    const progress = new PlainProgress();
    ['#5 [2/3] RUN make', ...ends.map((end) => `#5 ${end}`), '#6 [3/3] RUN test', '#6 CACHED'].forEach((line) => progress.show(line));
    return [true, false].map((isComplete) => stepsOf(progress, isComplete).map(({ isCached }) => isCached));
  };
  expect(steps('CANCELED')).toEqual([[true, true], [false, true]]);
  expect(steps('CANCELED', 'DONE 0.1s')).toEqual([[false, true], [false, true]]);
  expect(steps('DONE 0.1s', 'CANCELED')).toEqual([[false, true], [false, true]]);
});

test.each(['DONE 0.1s', 'CACHED', 'ERROR: x', 'CANCELED'])('a step ends with %s', (end) => {
  expect([...progressAfter('#7 [2/3] RUN a', `#7 ${end}`).vertexes][0].isDone).toBe(true);
});

test('what moves is known until it has come', () => {
  const moving = (...lines: string[]) => [...progressAfter('#7 [1/3] FROM a', ...lines).vertexes].flatMap(({ transfers }) => [...transfers]);
  expect(moving('#7 sha256:1a 1.05MB / 30.2MB 0.2s')).toEqual(['sha256:1a']);
  expect(moving('#7 sha256:1a 1.05MB / 30.2MB 0.2s', '#7 sha256:1a 30.2MB / 30.2MB 0.4s')).toEqual([]);
  expect(moving('#7 sha256:1a 0B / 133B', '#7 DONE 0.2s')).toEqual([]);
});

test('a name with ends of lines in it is a name', () => {
  expect([...progressAfter('#7 [2/3] RUN a\u2028b\rc', '#7 DONE 0.1s').vertexes]).toMatchObject([{ name: '[2/3] RUN a\u2028b\rc', isDone: true }]);
});

test('nothing in a hostile line ends the display', () => {
  const commands = ['$(>ran)', '`>ran`', '[$(>ran)]', ']$(>ran)', '__proto__', 'constructor'];
  const lines = commands.flatMap((command) => [
    `#1${command}`, `#1 ${command}`, `#${command}`, command, `#1 DONE ${command}`, `#1 ERROR: ${command}`, `#1 [internal] load metadata for ${command}`,
  ]);
  expect(show(new PlainProgress(), lines.join('\n'))).toEqual(lines);
});

test.each([
  ['blanks', ' '.repeat(44_000)],
  ['a progress bar', '\r 10% [====>    ]'.repeat(20_000)],
  ['digits', `sha256:1 ${'1'.repeat(200_000)}`],
  ['dots', `sha256:1 ${'1.'.repeat(100_000)}`],
  ['brackets', '['.repeat(200_000)],
  ['the name of a step', `[${'1 '.repeat(100_000)}`],
  ['digits as the name of a step', `[${'1'.repeat(200_000)}`],
])('a line of many kilobytes takes no time: %s', (_, text) => {
  const start = Date.now();
  const progress = progressAfter(text, `#1 ${text}`, `#1 ${text}x`, `#2 ${text}`, `ERROR${text}x`, `#1 ERROR: ${text}x`, `#3 importing cache manifest from ${text}x`);
  stepsOf(progress, true);
  importsOf(progress);
  errorOf(progress);
  expect(Date.now() - start).toBeLessThan(1500);
});

test('a layer of which no byte comes is nothing new, however often it is named', () => {
  const progress = new PlainProgress();
  progress.show('#5 [1/2] FROM docker.io/library/python:3.12');
  progress.show(`#5 sha256:${'a'.repeat(64)} 1.05MB / 30.2MB 0.1s`);
  const before = progress.events;
  progress.show(`#5 sha256:${'a'.repeat(64)} 1.05MB / 30.2MB 5.1s`);
  expect(progress.events).toBe(before);
  progress.show(`#5 sha256:${'a'.repeat(64)} 2.10MB / 30.2MB 5.3s`);
  expect(progress.events).toBe(before + 1);
});
