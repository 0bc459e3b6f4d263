import * as fs from 'fs';
import { layerCache } from '../../../runner/cache/layer-caches';
import { ImageJob } from '../../../runner/image/image-job';
import { ReadyPlan } from '../../../runner/input/read-plan';
import { ContextContents } from '../../../runner/reason/context-contents';
import { explain, Explanation } from '../../../runner/reason/explain';
import { sentenceOf } from '../../../runner/reason/reason';
import { BuildRecord, EMPTY_RECORD } from '../../../runner/record/build-record';
import { CacheImport } from '../../../runner/solve/solve-progress';
import { someJob } from '../testhelpers/some-job';
import { temporaryWork } from '../testhelpers/work-directory';

/** What a build is made from. */
interface Made {
  readonly dockerfile?: readonly string[];
  /** The Dockerfile that is built in place of it. */
  readonly builtAs?: readonly string[];
  readonly files?: { readonly [path: string]: string };
  /** Of further contexts. */
  readonly contexts?: { readonly [name: string]: { readonly [path: string]: string } };
  readonly baseImages?: { readonly [image: string]: string };
  readonly plan?: Partial<ReadyPlan>;
}

interface Ran {
  /** The steps that ran, as BuildKit calls them. */
  readonly ran: readonly string[];
  readonly imports?: readonly CacheImport[];
  readonly unreadCache?: string;
}

const DOCKERFILE = [
  'ARG VERSION=3.12',
  'FROM python:${VERSION} AS builder',
  'ARG LEVEL=1',
  'ENV MODE=fast',
  'COPY requirements.txt ./',
  'RUN pip install',
  'FROM python:3.12-slim',
  'COPY --from=builder /out /out',
  'COPY src /app/',
  'CMD ["app"]',
];

const COPY = '[builder 2/3] COPY requirements.txt ./';
const INSTALL = '[builder 3/3] RUN pip install';
const COPY_OUT = '[stage-1 2/3] COPY --from=builder /out /out';
const COPY_SRC = '[stage-1 3/3] COPY src /app/';

const FILES = { 'requirements.txt': 'file 1', 'src/app.py': 'file 1', 'src/more/util.py': 'file 1', 'notes.md': 'file 1' };
const BASES = { 'docker.io/library/python:3.12': `sha256:${'1'.repeat(64)}`, 'docker.io/library/python:3.12-slim': `sha256:${'2'.repeat(64)}` };
const OTHER = `sha256:${'3'.repeat(64)}`;
const READ: CacheImport[] = [{ from: 'cache-a', error: '' }];
const REGISTRY = layerCache({ kind: 'registry', mode: 'max', compression: 'zstd' }, String);

function jobOf(text: readonly string[], plan: Partial<ReadyPlan> = {}): ImageJob {
  const work = temporaryWork();
  fs.mkdirSync(work.path('context'));
  return someJob(plan, { dockerfile: work.write('Dockerfile', text.join('\n')), context: work.path('context') });
}

function explained(
  { dockerfile = DOCKERFILE, builtAs = dockerfile, files = FILES, contexts = {}, baseImages = BASES, plan }: Made,
  { ran, imports = READ, unreadCache }: Ran, known: readonly BuildRecord[] = [], cache = REGISTRY,
): Explanation {
  const built = { pushed: '', imports, unreadCache, baseImages, steps: ran.map((name) => ({ name, isCached: false })) };
  const image = { job: jobOf(builtAs, plan), built };
  const all: ContextContents = new Map(Object.entries({ '': files, ...contexts }).map(([name, content]) => [name, new Map(Object.entries(content))]));
  return explain({ image, job: jobOf(dockerfile, plan), contexts: all, cache, known });
}

/** What the report says of a build after another one. */
function saidOf(before: Made, now: Made, ...ran: string[]): string | undefined {
  const { inputs } = explained(before, { ran: [COPY] });
  const record = { ...EMPTY_RECORD, lastBuild: { inputs: JSON.parse(JSON.stringify(inputs)) } };
  const { firstRun } = explained({ ...before, ...now }, { ran }, [record]);
  return firstRun && sentenceOf(firstRun);
}

/** The Dockerfile with other lines. */
function withLines(lines: { readonly [number: number]: string | undefined }): string[] {
  return DOCKERFILE.flatMap((line, index) => (index + 1 in lines ? lines[index + 1] ?? [] : line));
}

test('a build in which no step ran has no reason', () => {
  expect(saidOf({}, {})).toBeUndefined();
});

describe('files', () => {
  test('that changed, came and went are named', () => {
    expect(saidOf({}, { files: { ...FILES, 'requirements.txt': 'file 2' } }, INSTALL, COPY)).toBe('COPY requirements.txt ./ (line 5): `requirements.txt` changed');
    expect(saidOf({}, { files: { ...FILES, 'src/new.py': 'file 2' } }, COPY_SRC)).toBe('COPY src /app/ (line 9): `src/new.py` is new');
    const { 'src/app.py': _, ...rest } = FILES;
    expect(saidOf({}, { files: rest }, COPY_SRC)).toBe('COPY src /app/ (line 9): `src/app.py` is gone');
  });

  test('of which there are many are counted', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`src/${String(index).padStart(2, '0')}.py`, 'file']));
    expect(saidOf({}, { files: { ...FILES, ...many } }, COPY_SRC)).toBe('COPY src /app/ (line 9): `src/00.py` is new, `src/01.py` is new, and 18 more');
  });

  test('that the step does not copy are no reason', () => {
    expect(saidOf({}, { files: { ...FILES, 'notes.md': 'file 2' } }, COPY)).toBe('COPY requirements.txt ./ (line 5): the cache does not have it, though nothing has changed for it since the last build');
  });

  test('are said to be another mode or link as well as another content', () => {
    expect(saidOf({}, { files: { ...FILES, 'src/app.py': 'program 1' } }, COPY_SRC)).toContain('`src/app.py` changed');
  });

  test.each(['src/*.py', 'src/more', './src/app.py', '/src', 'sr?', '.', '*'])('are found by the source %s', (source) => {
    const dockerfile = withLines({ 9: `COPY ${source} /app/` });
    const files = { ...FILES, 'src/app.py': 'file 2', 'src/more/util.py': 'file 2' };
    expect(saidOf({ dockerfile }, { files }, `[stage-1 3/3] COPY ${source} /app/`)).toMatch(/`src\/(app|more\/util)\.py` changed/);
  });

  test.each(['src/[a-z]*.py', '--exclude=*.md src', '$DIR', 'src/**/util.py'])('are not claimed for the source %s, which may bring others', (source) => {
    const dockerfile = withLines({ 9: `COPY ${source} /app/` });
    expect(saidOf({ dockerfile }, { files: { ...FILES, 'src/app.py': 'file 2' } }, `[stage-1 3/3] COPY ${source} /app/`)).toMatch(/: unknown$/);
  });

  test('behind a link are not claimed where the link cannot be followed', () => {
    const files = { 'current': 'link src', 'requirements.txt': 'file 1', 'src/app.py': 'file 1' };
    const dockerfile = withLines({ 9: 'COPY current /app/' });
    expect(saidOf({ dockerfile, files }, { files: { ...files, 'src/app.py': 'file 2' } }, '[stage-1 3/3] COPY current /app/')).toMatch(/: unknown$/);
  });

  test('that a step mounts count for it, and secrets and caches do not', () => {
    const run = '--mount=type=secret,id=a --mount=type=cache,target=/c --mount=source=requirements.txt,target=/r pip install';
    const dockerfile = withLines({ 5: undefined, 6: `RUN ${run}` });
    const step = `[builder 2/2] RUN ${run}`;
    expect(saidOf({ dockerfile }, { files: { ...FILES, 'requirements.txt': 'file 2' } }, step)).toContain('`requirements.txt` changed');
    expect(saidOf({ dockerfile }, { files: { ...FILES, 'src/app.py': 'file 2' } }, step)).toContain('the cache does not have it');
  });

  test('of a further context are those of that context', () => {
    const dockerfile = withLines({ 9: 'COPY --from=shared lib /app/' });
    const plan = { buildContexts: { shared: { path: 'asset.2' } } };
    const contexts = { shared: { 'lib/a.py': 'file 1' } };
    const step = '[stage-1 3/3] COPY --from=shared lib /app/';
    expect(saidOf({ dockerfile, plan, contexts }, { contexts: { shared: { 'lib/a.py': 'file 2' } } }, step)).toContain('`lib/a.py` changed');
    expect(saidOf({ dockerfile, plan, contexts }, { files: { ...FILES, 'lib/a.py': 'file 1' } }, step)).toContain('the cache does not have it');
  });

  test('of which nobody knows what they are leave the reason unknown', () => {
    const dockerfile = withLines({ 9: 'ADD https://example.com/app.tgz /app/' });
    expect(saidOf({ dockerfile }, {}, '[stage-1 3/3] ADD https://example.com/app.tgz /app/')).toBe('ADD https://example.com/app.tgz /app/ (line 9): unknown');
  });

  test('of a context that is too large for all of them are folders', () => {
    const large = (changed: string) => ({
      ...FILES, ...Object.fromEntries(Array.from({ length: 6000 }, (_, index) => [`src/${index % 50}/${index}.py`, 'file'])), [changed]: 'file 2',
    });
    expect(saidOf({ files: large('src/1/1.py') }, { files: large('src/3/3.py') }, COPY_SRC)).toBe('COPY src /app/ (line 9): `src/1/` changed, `src/3/` changed');
    const dockerfile = withLines({ 9: 'COPY src/3/3.py /app/' });
    expect(saidOf({ dockerfile, files: large('src/1/1.py') }, { files: large('src/3/3.py') }, '[stage-1 3/3] COPY src/3/3.py /app/')).toMatch(/: unknown$/);
  });
});

describe('the Dockerfile', () => {
  test.each<[string, number, string, string]>([
    ['a step', 6, 'RUN pip install --quiet', '[builder 3/3] RUN pip install --quiet'],
    ['a copy', 9, 'COPY src /srv/', '[stage-1 3/3] COPY src /srv/'],
  ])('names the line of %s that changed', (_, line, text, step) => {
    expect(saidOf({}, { dockerfile: withLines({ [line]: text }) }, step)).toBe(`${text} (line ${line}): the Dockerfile changed (line ${line})`);
  });

  test('names the line of a variable that a step knows', () => {
    expect(saidOf({}, { dockerfile: withLines({ 4: 'ENV MODE=slow' }) }, INSTALL)).toBe('RUN pip install (line 6): the Dockerfile changed (line 4)');
    expect(saidOf({}, { dockerfile: withLines({ 3: 'ARG LEVEL=2' }) }, INSTALL)).toBe('RUN pip install (line 6): the Dockerfile changed (line 3)');
  });

  test('is no reason for a copy where a variable changed that is not in it', () => {
    expect(saidOf({}, { dockerfile: withLines({ 4: 'ENV MODE=slow' }), files: { ...FILES, 'requirements.txt': 'file 2' } }, COPY))
      .toBe('COPY requirements.txt ./ (line 5): `requirements.txt` changed');
  });

  test('is the reason for a copy where a variable changed that is in it, also behind another one', () => {
    const written = (name: string) => withLines({ 3: `ENV NAME=${name}`, 4: 'ENV FILE=$NAME.txt', 5: 'COPY $FILE ./' });
    expect(saidOf({ dockerfile: written('a') }, { dockerfile: written('b') }, '[builder 2/3] COPY b.txt ./')).toBe('COPY $FILE ./ (line 5): the Dockerfile changed (line 3)');
  });

  test('is the reason where a variable is gone', () => {
    expect(saidOf({}, { dockerfile: withLines({ 4: undefined }) }, INSTALL)).toBe('RUN pip install (line 5): the Dockerfile changed (above line 5)');
  });

  test('is no reason where an argument is declared that has no value', () => {
    expect(saidOf({}, { dockerfile: withLines({ 4: 'ENV MODE=fast\nARG NOTHING' }) }, INSTALL)).toContain('the cache does not have it');
  });

  test('is no reason where a comment came or another line only moved', () => {
    const dockerfile = ['# a comment', ...withLines({ 6: 'RUN pip \\\n  # how\n  install' })];
    const before = { dockerfile: withLines({ 6: 'RUN pip   install' }) };
    expect(saidOf(before, { dockerfile, files: { ...FILES, 'src/app.py': 'file 2' } }, COPY_SRC)).toBe('COPY src /app/ (line 12): `src/app.py` changed');
  });

  test('is the reason for a step that came between others', () => {
    expect(saidOf({}, { dockerfile: withLines({ 6: 'RUN before\nRUN pip install' }) }, '[builder 3/4] RUN before')).toBe('RUN before (line 6): the Dockerfile changed (line 6)');
  });

  test('is compared stage by stage, by their names', () => {
    const dockerfile = ['FROM scratch AS unused', 'COPY notes.md /', ...DOCKERFILE.slice(1).map((line) => line.replace('${VERSION}', '3.12'))];
    expect(saidOf({ dockerfile: dockerfile.slice(2) }, { dockerfile, files: { ...FILES, 'src/app.py': 'file 2' } }, COPY_SRC.replace('stage-1', 'stage-2')))
      .toBe('COPY src /app/ (line 10): `src/app.py` changed');
  });

  test('that nobody understands leaves the reason unknown', () => {
    const dockerfile = ['# syntax=example/other:1', ...DOCKERFILE];
    expect(saidOf({ dockerfile }, {}, COPY)).toBe('COPY requirements.txt ./: unknown, since it is no step of the Dockerfile');
  });

  test('that is read by another version of its syntax leaves the reason unknown', () => {
    expect(saidOf({ dockerfile: ['# syntax=docker/dockerfile:1', ...DOCKERFILE] }, { dockerfile: ['# syntax=docker/dockerfile:1.7', ...DOCKERFILE] }, COPY)).toMatch(/: unknown$/);
  });
});

describe('build arguments', () => {
  const given = (buildArgs: { [name: string]: string }) => ({ plan: { buildArgs } });

  test('that a step knows are the reason when they are given, changed or taken away', () => {
    expect(saidOf({}, given({ LEVEL: '2' }), INSTALL)).toBe('RUN pip install (line 6): the build argument LEVEL is new');
    expect(saidOf(given({ LEVEL: '2' }), given({ LEVEL: '3' }), INSTALL)).toBe('RUN pip install (line 6): the build argument LEVEL changed');
    expect(saidOf(given({ LEVEL: '2' }), given({}), INSTALL)).toBe('RUN pip install (line 6): the build argument LEVEL is gone');
  });

  test('that a step does not know are no reason', () => {
    expect(saidOf({}, { ...given({ LEVEL: '2' }), files: { ...FILES, 'src/app.py': 'file 2' } }, COPY_SRC)).toBe('COPY src /app/ (line 9): `src/app.py` changed');
  });

  test('take the place of defaults, which are then no reason', () => {
    const plan = { buildArgs: { LEVEL: '2' } };
    expect(saidOf({ plan }, { dockerfile: withLines({ 3: 'ARG LEVEL=9' }) }, INSTALL)).toContain('the cache does not have it');
  });

  test('that name a base image are the reason, and the image is not', () => {
    const now = { ...given({ VERSION: '3.13' }), baseImages: { ...BASES, 'docker.io/library/python:3.13': OTHER } };
    expect(saidOf({}, now, COPY)).toBe('COPY requirements.txt ./ (line 5): the build argument VERSION is new');
  });
});

describe('base images', () => {
  const baseImages = { ...BASES, 'docker.io/library/python:3.12': OTHER };

  test('that are others make the first step run', () => {
    expect(saidOf({}, { baseImages }, COPY)).toBe('COPY requirements.txt ./ (line 5): the base image python:3.12 is another one');
  });

  test('are a reason beside others', () => {
    expect(saidOf({}, { baseImages, files: { ...FILES, 'requirements.txt': 'file 2' } }, COPY))
      .toBe('COPY requirements.txt ./ (line 5): `requirements.txt` changed, and the base image python:3.12 is another one');
  });

  test('of other stages are no reason', () => {
    expect(saidOf({}, { baseImages, files: { ...FILES, 'src/app.py': 'file 2' } }, COPY_SRC)).toBe('COPY src /app/ (line 9): `src/app.py` changed');
  });

  test('that the Dockerfile names in another way are a change of the Dockerfile', () => {
    expect(saidOf({}, { dockerfile: withLines({ 7: 'FROM python:3.13-slim' }) }, COPY_OUT)).toBe('COPY --from=builder /out /out (line 8): the Dockerfile changed (line 7)');
    expect(saidOf({}, { dockerfile: withLines({ 1: 'ARG VERSION=3.13' }) }, COPY)).toBe('COPY requirements.txt ./ (line 5): the Dockerfile changed (line 1)');
  });

  test('whose digests nobody says leave the reason unknown', () => {
    expect(saidOf({ baseImages: {} }, {}, COPY)).toMatch(/: unknown$/);
  });

  test('that files are copied from are a reason for the copy', () => {
    const dockerfile = withLines({ 9: 'COPY --from=tools:1 /bin/tool /bin/' });
    const before = { dockerfile, baseImages: { ...BASES, 'docker.io/library/tools:1': OTHER } };
    const now = { baseImages: { ...BASES, 'docker.io/library/tools:1': BASES['docker.io/library/python:3.12'] } };
    expect(saidOf(before, now, '[stage-1 3/3] COPY --from=tools:1 /bin/tool /bin/')).toBe('COPY --from=tools:1 /bin/tool /bin/ (line 9): the base image tools:1 is another one');
  });
});

describe('what a step builds upon', () => {
  test('is the reason where the step itself is the same, and the steps below came from the cache', () => {
    expect(saidOf({}, { files: { ...FILES, 'requirements.txt': 'file 2' } }, INSTALL)).toBe('RUN pip install (line 6): `requirements.txt` changed');
    expect(saidOf({}, { files: { ...FILES, 'requirements.txt': 'file 2' } }, COPY_OUT)).toBe('COPY --from=builder /out /out (line 8): `requirements.txt` changed');
    expect(saidOf({}, { baseImages: { ...BASES, 'docker.io/library/python:3.12': OTHER } }, INSTALL)).toBe('RUN pip install (line 6): the base image python:3.12 is another one');
  });

  test('is nothing in the cache where all of it is the same', () => {
    expect(saidOf({}, {}, INSTALL)).toBe('RUN pip install (line 6): the cache does not have it, though nothing has changed for it since the last build');
    expect(saidOf({}, {}, COPY_SRC)).toBe('COPY src /app/ (line 9): the cache does not have it, since it is not written when only the last copies are new');
  });

  test('is a cache that the last build could not write, where all of it is the same', () => {
    const { inputs } = explained({}, { ran: [COPY] });
    const record: BuildRecord = { ...EMPTY_RECORD, lastBuild: { inputs, cacheFailed: true } };
    const reasons = (made: Made) => explained(made, { ran: [INSTALL] }, [record]).firstRun!.reasons;
    expect(reasons({})).toEqual([{ kind: 'not-in-cache', text: 'the cache does not have it, since the last build could not write it' }]);
    expect(reasons({ files: { ...FILES, 'requirements.txt': 'file 2' } })).toEqual([{ kind: 'files', text: '`requirements.txt` changed' }]);
  });
});

test('a refresh period makes steps run, and copies not', () => {
  expect(saidOf({ plan: { refreshPeriod: 1 } }, { plan: { refreshPeriod: 2 } }, INSTALL)).toBe('RUN pip install (line 6): a refresh period began');
  expect(saidOf({ plan: { refreshPeriod: 1 } }, { plan: {} }, INSTALL)).toBe('RUN pip install (line 6): its tag has no refresh periods any more');
  expect(saidOf({ plan: { refreshPeriod: 1 } }, { plan: { refreshPeriod: 2 } }, COPY)).toContain('the cache does not have it');
});

test('a copy that is linked and was not is a reason of its own', () => {
  const builtAs = withLines({ 9: 'COPY --link src /app/' });
  expect(saidOf({ builtAs: DOCKERFILE }, { builtAs }, '[stage-1 3/3] COPY --link src /app/'))
    .toBe('COPY src /app/ (line 9): it was not built in the way that it is now, with or without --link');
});

test('a step that the base image brings has no line', () => {
  expect(saidOf({}, {}, '[stage-1 1/9] RUN onbuild')).toBe('RUN onbuild: unknown, since it is no step of the Dockerfile');
});

describe('the cache', () => {
  const said = (ran: Partial<Ran>, known: BuildRecord[] = [], cache = REGISTRY) => sentenceOf(explained({}, { ran: [COPY], ...ran }, known, cache).firstRun!).replace(/^.*?: /, '');
  const missing = { from: 'cache-a', error: 'registry/app:cache-a: not found' };

  test('that is not there yet is the reason, whatever else there is', () => {
    expect(said({ imports: [missing] })).toBe('nothing was in the cache yet');
  });

  test('that cannot be read is the reason, with what was said', () => {
    expect(said({ imports: [missing, { from: 'cache-b', error: '403 Forbidden' }] })).toBe('the cache was not read: 403 Forbidden');
    expect(said({ unreadCache: 'the registry does not answer' })).toBe('the cache was not read: the registry does not answer');
  });

  test('that an image does not have is the reason', () => {
    expect(said({ imports: [] }, [], layerCache({ kind: 'none' }, String))).toBe('the image has no layer cache');
  });

  test('beside which nothing was left leaves the reason unknown', () => {
    expect(said({})).toBe('unknown, since the last build has left nothing to compare with');
    expect(said({}, [EMPTY_RECORD])).toBe('unknown, since the last build has left nothing to compare with');
  });

  test('of another scope is compared with what its last build has left', () => {
    const { inputs } = explained({ files: { ...FILES, 'requirements.txt': 'file 0' } }, { ran: [] });
    expect(said({}, [EMPTY_RECORD, { ...EMPTY_RECORD, lastBuild: { inputs } }])).toBe('`requirements.txt` changed');
  });
});

describe('what is kept for the next build', () => {
  const kept = (made: Made) => explained(made, { ran: [] }).inputs!;

  test('is bounded, whatever the context is', () => {
    const files = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`app/${index % 7}/${index % 7000}/a file with quite a name ${index}.txt`, 'file 1']));
    const text = JSON.stringify(kept({ files }));
    expect(text.length).toBeLessThan(400_000);
    const flat = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`${index}.txt`, 'file 1']));
    expect(Object.keys(kept({ files: flat }).files[''].digests)).toEqual(['/']);
  });

  test('has no content, no value and no instruction in it', () => {
    const text = JSON.stringify(kept({ plan: { buildArgs: { LEVEL: 'password' } }, dockerfile: withLines({ 4: 'ENV TOKEN=password', 6: 'RUN echo password' }) }));
    expect(text).not.toContain('password');
    expect(text).toContain('"LEVEL":');
  });

  test('has so little of a value that many others fit, and each image has another one', () => {
    const digest = (value: string, cacheName = 'cache-a') => kept({ plan: { cacheName, buildArgs: { LEVEL: value } } }).buildArgs.LEVEL;
    expect(digest('secret')).toMatch(/^[0-9a-f]{4}$/);
    expect(digest('secret')).toBe(digest('secret'));
    expect(digest('secret')).not.toBe(digest('secret', 'cache-b'));
  });

  test('never fails a build', () => {
    const job = { ...jobOf(DOCKERFILE), dockerfile: '/nowhere/Dockerfile' };
    const built = { imports: READ, steps: [] };
    expect(explain({ image: { job, built }, job, contexts: new Map(), cache: REGISTRY })).toEqual({ lines: new Map() });
  });
});
