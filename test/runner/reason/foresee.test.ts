import * as fs from 'fs';
import { ImageJob } from '../../../runner/image/image-job';
import { parseDockerfile } from '../../../runner/image/parse-dockerfile';
import { ReadyPlan } from '../../../runner/input/read-plan';
import { BuildInputs, buildInputs, InputsOfBuild } from '../../../runner/reason/build-inputs';
import { differences } from '../../../runner/reason/differences';
import { foresee, withoutCache } from '../../../runner/reason/foresee';
import { sentenceOf } from '../../../runner/reason/reason';
import { someJob } from '../testhelpers/some-job';
import { temporaryWork } from '../testhelpers/work-directory';

interface Made {
  readonly dockerfile?: readonly string[];
  /** The Dockerfile that was built in place of it. */
  readonly builtAs?: readonly string[];
  readonly files?: { readonly [path: string]: string };
  readonly contexts?: { readonly [name: string]: { readonly [path: string]: string } };
  readonly baseImages?: { readonly [image: string]: string };
  readonly plan?: Partial<ReadyPlan>;
}

const DOCKERFILE = [
  'ARG VERSION=3.12',
  'FROM python:${VERSION} AS builder',
  'ARG LEVEL=1',
  'COPY requirements.txt ./',
  'RUN pip install',
  'FROM python:3.12-slim',
  'COPY --from=builder /out /out',
  'COPY conf /app/',
  'COPY src /app/',
];
const FILES = { 'requirements.txt': 'file 1', 'conf/a.conf': 'file 1', 'src/app.py': 'file 1', 'notes.md': 'file 1' };
const BASES = { 'docker.io/library/python:3.12': `sha256:${'1'.repeat(64)}`, 'docker.io/library/python:3.12-slim': `sha256:${'2'.repeat(64)}` };
const CONF = 'perhaps COPY conf /app/ (line 8): the cache may not have it, since it is not written when only the last copies are new';

function jobOf(text: readonly string[], plan: Partial<ReadyPlan> = {}): ImageJob {
  const work = temporaryWork();
  fs.mkdirSync(work.path('context'));
  return someJob(plan, { dockerfile: work.write('Dockerfile', text.join('\n')), context: work.path('context') });
}

interface MadeFrom {
  readonly build: InputsOfBuild;
  readonly inputs: BuildInputs;
}

function inputsOf({ dockerfile = DOCKERFILE, builtAs = dockerfile, files = FILES, contexts = {}, baseImages = BASES, plan }: Made): MadeFrom {
  const job = jobOf(dockerfile, plan);
  const build = {
    job,
    dockerfile: parseDockerfile(job),
    builtDockerfile: parseDockerfile(jobOf(builtAs, plan)),
    contexts: new Map(Object.entries({ '': files, ...contexts }).map(([name, content]) => [name, new Map(Object.entries(content))])),
    baseImages,
  };
  return { build, inputs: buildInputs(build) };
}

/** What is said of an image before it is built, after another build of it: the first step, those that may run before it, and the differences. */
function saidOf(before: Made, now: Made): { readonly steps: string[]; readonly changed: string[] } {
  const { inputs: old } = inputsOf(before);
  const { build, inputs } = inputsOf({ ...before, builtAs: undefined, ...now });
  const { firstRun, mayRun } = foresee(build, inputs, old);
  return {
    steps: [...firstRun ? [sentenceOf(firstRun)] : [], ...mayRun.map((step) => `perhaps ${sentenceOf(step)}`)],
    changed: differences(build, inputs, old).map(({ text }) => text),
  };
}

function withLines(lines: { readonly [number: number]: string | undefined }): string[] {
  return DOCKERFILE.flatMap((line, index) => (index + 1 in lines ? lines[index + 1] ?? [] : line));
}

test('where nothing is different, only copies that the cache may not have can run', () => {
  expect(saidOf({}, {})).toEqual({ steps: [CONF, CONF.replace('conf /app/ (line 8)', 'src /app/ (line 9)')], changed: [] });
});

test('files that changed, came and went are named, and the step that copies the first of them', () => {
  expect(saidOf({}, { files: { ...FILES, 'requirements.txt': 'file 2', 'src/new.py': 'file 1', 'src/app.py': 'file 2' } })).toEqual({
    steps: ['COPY requirements.txt ./ (line 4): `requirements.txt` changed'],
    changed: ['`requirements.txt` changed', '`src/app.py` changed', '`src/new.py` is new'],
  });
  const { 'conf/a.conf': _, ...rest } = FILES;
  expect(saidOf({}, { files: rest })).toEqual({ steps: ['COPY conf /app/ (line 8): `conf/a.conf` is gone'], changed: ['`conf/a.conf` is gone'] });
});

test('a file that no step copies is a difference, and makes no step run', () => {
  expect(saidOf({}, { files: { ...FILES, 'notes.md': 'file 2' } })).toEqual({ steps: [CONF, expect.stringContaining('line 9')], changed: ['`notes.md` changed'] });
});

test('of the last copies, those before the one that is new may not be in the cache', () => {
  expect(saidOf({}, { files: { ...FILES, 'src/app.py': 'file 2' } }).steps).toEqual(['COPY src /app/ (line 9): `src/app.py` changed', CONF]);
});

test('copies that were linked in the last build are taken as linked again', () => {
  const builtAs = withLines({ 8: 'COPY --link conf /app/', 9: 'COPY --link src /app/' });
  expect(saidOf({ builtAs }, { files: { ...FILES, 'src/app.py': 'file 2' } }).steps[0]).toBe('COPY src /app/ (line 9): `src/app.py` changed');
});

test('another base image is named, with the first step on it', () => {
  expect(saidOf({}, { baseImages: { ...BASES, 'docker.io/library/python:3.12-slim': `sha256:${'3'.repeat(64)}` } })).toEqual({
    steps: ['COPY --from=builder /out /out (line 7): the base image python:3.12-slim is another one'],
    changed: ['the base image docker.io/library/python:3.12-slim is another one'],
  });
});

test('a base image that the last build does not know may make its first step run', () => {
  const only = { 'docker.io/library/python:3.12-slim': BASES['docker.io/library/python:3.12-slim'] };
  expect(saidOf({ baseImages: only }, { files: { ...FILES, 'src/app.py': 'file 2' } }).steps).toEqual([
    'COPY src /app/ (line 9): `src/app.py` changed', 'perhaps COPY requirements.txt ./ (line 4): it is not kept what it was made from', CONF,
  ]);
});

test.each([
  ['a step that is another one', withLines({ 5: 'RUN pip install --quiet' }), 'RUN pip install --quiet (line 5): the Dockerfile changed (line 5)', 'the Dockerfile changed (line 5)'],
  ['a FROM', withLines({ 6: 'FROM python:3.13-slim' }), 'COPY --from=builder /out /out (line 7): the Dockerfile changed (line 6)', 'the Dockerfile changed (line 6)'],
  ['the default of an argument', withLines({ 1: 'ARG VERSION=3.13' }), 'COPY requirements.txt ./ (line 4): the Dockerfile changed (line 1)', 'the Dockerfile changed (line 1)'],
  ['two lines', withLines({ 5: 'RUN make', 8: 'COPY conf /etc/' }), 'RUN make (line 5): the Dockerfile changed (line 5)', 'the Dockerfile changed (lines 5, 8)'],
])('of the Dockerfile, %s is said with its line', (_, dockerfile, step, changed) => {
  expect(saidOf({}, { dockerfile })).toEqual({ steps: [step], changed: [changed] });
});

test('of the Dockerfile, instructions that are gone are counted', () => {
  const { steps, changed } = saidOf({}, { dockerfile: withLines({ 8: undefined }) });
  expect(changed).toEqual(['the Dockerfile has 1 instruction less']);
  expect(steps).toEqual(['COPY src /app/ (line 8): the Dockerfile changed (line 8)']);
});

test('build arguments are named, and not their values', () => {
  expect(saidOf({ plan: { buildArgs: { LEVEL: 'secret-1', OLD: 'x' } } }, { plan: { buildArgs: { LEVEL: 'secret-2', NEW: 'x' } } })).toEqual({
    steps: ['RUN pip install (line 5): the build argument LEVEL changed'],
    changed: ['the build argument LEVEL changed', 'the build argument NEW is new', 'the build argument OLD is gone'],
  });
});

test('a refresh period makes the first RUN run', () => {
  expect(saidOf({ plan: { refreshPeriod: 1 } }, { plan: { refreshPeriod: 2 } })).toMatchObject({ steps: ['RUN pip install (line 5): a refresh period began'], changed: ['another refresh period began'] });
});

test('another platform may make every step run, and is said', () => {
  const { steps, changed } = saidOf({}, { plan: { platform: 'linux/arm64' } });
  expect(steps[0]).toBe('perhaps COPY requirements.txt ./ (line 4): it is not kept what it was made from');
  expect(changed).toEqual([expect.stringMatching(/^something else changed: the platform, /)]);
});

test('files of other contexts are said with its name', () => {
  const plan = { buildContexts: { shared: { path: 'shared' } } };
  const dockerfile = withLines({ 8: 'COPY --from=shared lib /lib/' });
  expect(saidOf({ plan, dockerfile, contexts: { shared: { 'lib/a.py': 'file 1' } } }, { contexts: { shared: { 'lib/a.py': 'file 2' } } })).toEqual({
    steps: ['COPY --from=shared lib /lib/ (line 8): `lib/a.py` changed'], changed: ["`lib/a.py` of the context 'shared' changed"],
  });
});

test('of stages that are not built, nothing would run', () => {
  expect(saidOf({ plan: { target: 'builder' } }, { files: { ...FILES, 'src/app.py': 'file 2' } })).toMatchObject({ steps: [] });
});

test('without a cache, the first step is the first one that is built', () => {
  const { build } = inputsOf({});
  expect(sentenceOf(withoutCache(build, { kind: 'empty-cache', text: 'nothing is in the cache' }).firstRun!)).toBe('COPY requirements.txt ./ (line 4): nothing is in the cache');
});
