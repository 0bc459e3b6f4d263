import { RawJsonProgress } from '../../../runner/solve/rawjson-progress';
import { errorOf } from '../../../runner/solve/solve-progress';
import { fixture, show } from '../testhelpers/progress-of';

function lines(...events: (object | string)[]): string[] {
  const progress = new RawJsonProgress();
  return events.flatMap((event) => progress.show(typeof event === 'string' ? event : JSON.stringify(event)));
}

function log(data: string | Buffer) {
  return { logs: [{ vertex: 'a', stream: 1, data: Buffer.from(data as string).toString('base64'), timestamp: '2026-01-01T00:00:00Z' }] };
}

function vertex(values: object) {
  return { vertexes: [{ digest: 'a', name: '[1/1] RUN a', ...values }] };
}

const STARTED = { started: '2026-01-01T00:00:00.123456789Z' };
const ENDED = { ...STARTED, completed: '2026-01-01T00:01:02.987654321Z' };

test('warnings of BuildKit are shown, such as that of a base image for another processor', () => {
  const short = 'InvalidBaseImagePlatform: Base image python:3.12 was pulled with platform "linux/arm64", expected "linux/amd64" for current build (line 1)';
  expect(lines({ warnings: [{ vertex: 'a', level: 1, short: Buffer.from(short).toString('base64') }, { vertex: 'a', level: 1 }] })).toEqual([`WARNING: ${short}`]);
});

test('a whole build reads like a log', () => {
  expect(show(new RawJsonProgress(), fixture('first-build.rawjson')).map((line) => line.replace(/DONE 0(\.\d)?s/, 'DONE soon'))).toEqual([
    '#1 [internal] load build definition from Dockerfile',
    '#1 DONE soon',
    '#2 [internal] load metadata for public.ecr.aws/docker/library/busybox:1',
    '#2 DONE soon',
    '#3 [internal] load .dockerignore',
    '#3 DONE soon',
    '#4 importing cache manifest from 123456789012.dkr.ecr.eu-central-1.amazonaws.com/app:cache-app',
    '#5 [internal] load build context',
    '#5 DONE soon',
    '#6 [tools 1/2] FROM public.ecr.aws/docker/library/busybox:1@sha256:b99d2c2580b57060af31b9a58d3a63dc9057acc4815c89349950a6e67add4641',
    '#4 DONE, there is none yet',
    '#6 DONE soon',
    '#7 [stage-1 2/6] WORKDIR /var/task',
    "#8 [tools 2/2] RUN printf 'tools é\\nof two lines\\n' && mkdir -p /opt && echo tool > /opt/tool",
    '#7 DONE soon',
    '#9 [stage-1 3/6] COPY requirements.txt .',
    '#9 DONE soon',
    "#10 [stage-1 4/6] RUN printf 'installing\\n\\ndone' && sleep 1.2 && printf ' at last\\n' && echo \"a warning\" >&2 && printf '\\303' && sleep 0.3 && printf '\\251\\n' && printf '\\377\\376\\n'",
    'tools é',
    'of two lines',
    '#8 DONE soon',
    'installing',
    '',
    'done',
    'a warning',
    ' at last',
    '\uFFFD',
    '\uFFFD',
    '\uFFFD\uFFFD',
    '#10 DONE 1.6s',
    '#11 [stage-1 5/6] COPY --from=tools /opt/tool /opt/tool',
    '#11 DONE soon',
    '#12 [stage-1 6/6] COPY src .',
    '#12 DONE soon',
    '#13 exporting to image',
    '#13 DONE soon',
    '#14 exporting cache to registry',
    '#14 DONE soon',
  ]);
});

test('what the cache had is said', () => {
  const text = show(new RawJsonProgress(), fixture('source-change.rawjson')).join('\n');
  expect(text.match(/^#\d+ CACHED$/gm)).toHaveLength(5);
  expect(text).toMatch(/^#(\d+) \[stage-1 2\/6\] WORKDIR \/var\/task\n#\1 CACHED$/m);
  expect(text).toMatch(/^#(\d+) \[stage-1 6\/6\] COPY src \.\n#\1 DONE 0(\.\d)?s$/m);
});

test('a failure is said where it happened, and once more at the end, with the lines of the Dockerfile', () => {
  const progress = new RawJsonProgress();
  const text = show(progress, fixture('failed-build.rawjson')).join('\n');
  expect(text).toMatch(/^#(\d+) \[stage-1 6\/7\] RUN echo compiling && false\ncompiling\n#\1 ERROR: process .* did not complete successfully: exit code: 1\n/m);
  expect(text).toMatch(/\nDockerfile:8\n-+\n( +\d+ \|.*\n)+-+\nERROR: failed to build: failed to solve: process .* exit code: 1$/);
  expect(progress.lastError).toMatch(/^ERROR: failed to build: failed to solve: process .* exit code: 1$/);
  expect(errorOf(progress).vertex).toBe('[stage-1 6/7] RUN echo compiling && false');
});

test('a push that the registry denies is said where it happened, though the export before it had ended', () => {
  expect(show(new RawJsonProgress(), fixture('refused-push.rawjson')).join('\n'))
    .toMatch(/^#\d+ ERROR: failed to push 123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com\/app: denied: User is not authorized/m);
});

test('a step is named when it begins, not when it is planned, and once', () => {
  expect(lines(vertex({}), vertex(STARTED), vertex(STARTED))).toEqual(['#1 [1/1] RUN a']);
});

test('steps are numbered in the order in which they begin', () => {
  expect(lines(
    vertex({ digest: 'late', name: 'late' }), vertex({ digest: 'early', name: 'early' }),
    vertex({ digest: 'early', name: 'early', ...STARTED }), vertex({ digest: 'late', name: 'late', ...STARTED }),
    vertex({ digest: 'late', name: 'late', ...ENDED }), vertex({ digest: 'early', name: 'early', ...ENDED }),
  )).toEqual(['#1 early', '#2 late', '#2 DONE 62.9s', '#1 DONE 62.9s']);
});

test.each([
  ['done, with its seconds', ENDED, 'DONE 62.9s'],
  ['done, with times in whole seconds', { started: '2026-01-01T00:00:00Z', completed: '2026-01-01T00:00:03Z' }, 'DONE 3s'],
  ['cached', { ...ENDED, cached: true }, 'CACHED'],
  ['cached, without having begun', { completed: '2026-01-01T00:00:00Z', cached: true }, 'CACHED'],
  ['failed', { ...ENDED, error: 'exit code: 1' }, 'ERROR: exit code: 1'],
  ['failed, whatever the cache had', { ...ENDED, cached: true, error: 'exit code: 1' }, 'ERROR: exit code: 1'],
  ['done, though the error is empty', { ...ENDED, error: '' }, 'DONE 62.9s'],
])('a step is %s', (_, values, ending) => {
  expect(lines(vertex(values))).toEqual(['#1 [1/1] RUN a', `#1 ${ending}`]);
});

test('steps that end in one event are all told', () => {
  expect(lines({ vertexes: [{ digest: 'a', name: 'a', ...ENDED }, { digest: 'b', name: 'b', ...ENDED }], ...log('text') }))
    .toEqual(['#1 a', '#1 DONE 62.9s', '#2 b', '#2 DONE 62.9s', 'text']);
});

test('what a step prints is shown line by line, with empty lines in between', () => {
  expect(lines(log('one\n\n  two\n'), log('three'), { logs: [...log('four\n').logs, ...log('five\n').logs] }))
    .toEqual(['one', '', '  two', 'three', 'four', 'five']);
});

test('characters of several bytes are shown, and halves of them are no error', () => {
  const character = Buffer.from('日');
  expect(lines(log('é日😀\n'))).toEqual(['é日😀']);
  expect(lines(log(character.subarray(0, 1)), log(character.subarray(1)), log(Buffer.from([0xff, 0xfe, 0x00, 0x80])), log('after\n')).pop()).toBe('after');
});

test('lines that are no progress pass as they are', () => {
  const text = ['', 'ERROR: failed to build: x', ' {', '[1, 2]', '"text"', '5', 'null', 'true', 'nan', '{"vertexes":[{"dig', '\\u0000', '--------'];
  expect(lines(...text)).toEqual(text);
});

test('what else BuildKit tells is not shown', () => {
  expect(lines({}, { statuses: [{ id: 'extracting', vertex: 'a', current: 1 }] }, { vertexes: null, logs: null, statuses: null })).toEqual([]);
});

test.each<[string, object]>([
  ['vertexes that are none', { vertexes: 5 }],
  ['a vertex that is none', { vertexes: [5, null, 'x'] }],
  ['a vertex without a digest', { vertexes: [{ name: 'a', started: 'x' }] }],
  ['a digest and a name that are none', { vertexes: [{ digest: 1, name: 2, started: 'x' }, { digest: 'x', started: 'x' }] }],
  ['a time that is none', vertex({ started: 'x', completed: 'y' })],
  ['times that are null', vertex({ started: null, completed: null })],
  ['an error that is none', vertex({ error: { a: 1 } })],
  ['a time of another zone', vertex({ started: '2026-01-01T00:00:00+02:00', completed: '2026-01-01T00:00:03+02:00' })],
  ['a log without data', { logs: [{ vertex: 'a' }] }],
  ['a log that is not in base64', { logs: [{ vertex: 'a', data: '%%%' }] }],
  ['a log that is a number', { logs: [{ vertex: 'a', data: 5 }, null] }],
  ['logs that are none', { logs: 'x' }],
  ['a warning that is none', { warnings: [5, { short: 5 }, { short: '%%%' }] }],
  ['statuses that are none', { statuses: [5, null, {}, { id: 5, vertex: 5 }, { id: 'pushing layers', vertex: 'none' }] }],
])('%s does not end the display', (_, event) => {
  const shown = lines(vertex(STARTED), event, log('after\n'), vertex(ENDED), vertex({ digest: 'b', name: 'b', ...STARTED }));
  expect(shown.filter((line) => line === 'after' || line === '#1 [1/1] RUN a' || line === '#2 b')).toEqual(['#1 [1/1] RUN a', 'after', '#2 b']);
});

test('garbage does not end the display', () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) % 256;
  const garbage = Buffer.from(Array.from({ length: 200_000 }, random)).toString();
  const progress = new RawJsonProgress();
  show(progress, garbage);
  expect(progress.show(JSON.stringify(log('after\n')))).toEqual(['after']);
  expect(lines('['.repeat(20_000), '{"a":'.repeat(20_000), log('after\n')).pop()).toBe('after');
});

test.each([['a megabyte of text', 'x'.repeat(1_000_000)], ['44 kB of blanks', `${' '.repeat(44_000)}x`], ['a progress bar', '\r 10%'.repeat(100_000)]])(
  '%s is shown whole, and takes no time', (_, text) => {
    const start = Date.now();
    expect(lines(log(`${text}\n`), text)).toEqual([text, text]);
    expect(lines(vertex({ name: text, ...ENDED, error: text }))).toEqual([`#1 ${text}`, `#1 ERROR: ${text}`]);
    const progress = new RawJsonProgress();
    progress.show(`ERROR${text}`);
    errorOf(progress);
    expect(Date.now() - start).toBeLessThan(2000);
  });

test('only the last word of buildx itself is the error, whatever a step prints', () => {
  const progress = new RawJsonProgress();
  for (const event of [JSON.stringify(log('ERROR: forged\n')), 'ERROR: failed to solve: a', 'View build details: ERROR']) progress.show(event);
  expect(progress.lastError).toBe('ERROR: failed to solve: a');
});

describe('what moves between machines', () => {
  const status = (id: string, values: object = {}) => ({ statuses: [{ id, vertex: 'a', ...values }] });
  const transfers = (...events: object[]) => {
    const progress = new RawJsonProgress();
    for (const event of events) progress.show(JSON.stringify(event));
    return [...progress.vertexes].flatMap((one) => [...one.transfers]);
  };
  const LAYER = `sha256:${'1'.repeat(64)}`;

  test.each([LAYER, 'pushing layers', 'transferring context:'])('is known until it has come: %s', (id) => {
    expect(transfers(vertex(STARTED), status(id))).toEqual([id]);
    expect(transfers(vertex(STARTED), status(id), status(id, { completed: 'x' }))).toEqual([]);
    expect(transfers(vertex(STARTED), status(id), vertex(ENDED))).toEqual([]);
  });

  test.each(['extracting', `extracting ${LAYER}`, 'exporting layers', 'sha256:1'])('is not what only this machine does: %s', (id) => {
    expect(transfers(vertex(STARTED), status(id))).toEqual([]);
  });
});

describe('whether a step is done', () => {
  const isDone = (...events: object[]) => {
    const progress = new RawJsonProgress();
    for (const event of events) progress.show(JSON.stringify(event));
    return [...progress.vertexes].map((one) => one.isDone);
  };

  test('is known when it has ended, and stays so though it is named again', () => {
    expect(isDone(vertex(STARTED))).toEqual([false]);
    expect(isDone(vertex(STARTED), vertex(ENDED))).toEqual([true]);
    expect(isDone(vertex(STARTED), vertex(ENDED), vertex({}))).toEqual([true]);
  });

  test('is open again when it begins again', () => {
    expect(isDone(vertex(ENDED), vertex({ started: '2026-01-01T00:01:03Z' }))).toEqual([false]);
  });
});

test('a layer of which no byte comes is nothing new, however often it is named', () => {
  const progress = new RawJsonProgress();
  const status = (current: number, timestamp: string) => JSON.stringify({ statuses: [{ id: `sha256:${'a'.repeat(64)}`, vertex: 'v', total: 100, current, timestamp }] });
  progress.show(status(0, '2026-01-01T00:00:00Z'));
  const before = progress.events;
  progress.show(status(0, '2026-01-01T00:00:01Z'));
  expect(progress.events).toBe(before);
  progress.show(status(10, '2026-01-01T00:00:02Z'));
  expect(progress.events).toBe(before + 1);
});

test('a cache that is not there yet is no error for the reader, and one that cannot be read is', () => {
  const ended = (digest: string, error: string) => JSON.stringify({
    vertexes: [{ digest, name: 'importing cache manifest from host/app:cache-a', started: '2026-01-01T00:00:00Z', completed: '2026-01-01T00:00:00Z', error }],
  });
  const progress = new RawJsonProgress();
  expect(progress.show(ended('a', 'failed to configure registry cache importer: host/app:cache-a: not found'))[1]).toBe('#1 DONE, there is none yet');
  expect(progress.show(ended('b', 'unexpected status: 403 Forbidden'))[1]).toBe('#2 ERROR: unexpected status: 403 Forbidden');
});

test('an image is told once it is complete, and no other manifest', () => {
  const told: string[] = [];
  const progress = new RawJsonProgress((digest) => told.push(digest));
  const image = `sha256:${'1'.repeat(64)}`;
  for (const id of [`exporting manifest ${image}`, `exporting manifest list ${image}`, `exporting config ${image}`, `writing cache image manifest ${image}`, 'exporting manifest sha256:x']) {
    for (const ends of [{}, { completed: '2026-01-01T00:00:00Z' }]) progress.show(JSON.stringify({ statuses: [{ id, vertex: 'a', ...ends }] }));
  }
  progress.show(JSON.stringify(log(JSON.stringify({ statuses: [{ id: `exporting manifest ${image}`, completed: '2026-01-01T00:00:00Z' }] }))));
  expect(told).toEqual([image]);
});
