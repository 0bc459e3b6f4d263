import { layerCache } from '../../../runner/cache/layer-caches';
import { Mirrors } from '../../../runner/registry/mirrors';
import { attempt, Attempt, AttemptsOutcome } from '../../../runner/solve/attempts';
import { SolveOutcome } from '../../../runner/solve/solve';
import { collectedLog } from '../testhelpers/collected-log';
import { temporaryWork } from '../testhelpers/work-directory';

const CACHE = layerCache({ kind: 'registry', mode: 'max', compression: 'zstd' }, String);
const NO_CACHE = layerCache({ kind: 'none' }, String);
const MIRRORS = [{ upstream: 'docker.io', endpoint: 'mirror.example.com/hub' }];
const READ = [{ from: 'cache-a', error: '' }];
const UNREAD = [{ from: 'cache-a', error: 'host/app:cache-a: not found' }];
const OK: SolveOutcome = { ok: true, steps: [], baseImages: {}, imports: READ, error: { vertex: '', text: '' } };

function fails(text: string, vertex = '', imports = READ): SolveOutcome {
  return { ok: false, steps: [], baseImages: {}, imports, error: { vertex, text } };
}

interface Given {
  readonly cache?: boolean;
  readonly mirrors?: boolean;
  readonly required?: boolean;
  readonly unreadCache?: string;
  readonly outcomes: SolveOutcome[];
}

interface Seen {
  readonly outcome: AttemptsOutcome;
  /** What each attempt had. */
  readonly attempts: string[];
  readonly lines: string[];
  readonly mirrors: Mirrors;
}

/** Builds with outcomes one after the other. */
async function run({ cache = true, mirrors = true, required = false, unreadCache, outcomes }: Given): Promise<Seen> {
  const { log, lines } = collectedLog();
  const all = new Mirrors({ mirrors: mirrors ? MIRRORS : [], mirrorsRequired: required }, temporaryWork(), log);
  const attempts: string[] = [];
  const outcome = await attempt({ cache: cache ? CACHE : NO_CACHE, mirrors: all, job: { log, unreadCache } }, async (how: Attempt) => {
    attempts.push([how.cache === CACHE && 'cache', Object.keys(how.mirrors).length > 0 && 'mirrors'].filter(Boolean).join(' and '));
    const next = outcomes[attempts.length - 1];
    if (!next) throw new Error(`attempt ${attempts.length} was one too many`);
    return cache ? next : { ...next, imports: [] };
  });
  return { outcome, attempts, lines, mirrors: all };
}

const WITHOUT_CACHE = 'WARNING: the build failed, and is tried once more without the layer cache: ';
const WITHOUT_MIRRORS = 'WARNING: the build failed, and is tried once more without mirrors: ';
const GIVEN_UP = 'WARNING: the mirror mirror.example.com/hub of docker.io failed, base images come from docker.io itself: ';

test('a build that succeeds is done once, with the cache and the mirrors', async () => {
  const { outcome, attempts, lines, mirrors } = await run({ outcomes: [OK] });
  expect(attempts).toEqual(['cache and mirrors']);
  expect(outcome).toEqual(OK);
  expect(outcome.unreadCache).toBeUndefined();
  expect(lines).toEqual([]);
  expect(mirrors.inUse).toHaveLength(1);
});

test.each([
  'ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1',
  'ERROR: process "/bin/sh -c pip install --index-url https://mirror.example.com/pypi a" did not complete successfully: exit code: 127',
])('a step that ran and failed is not tried again: %s', async (text) => {
  const { outcome, attempts, lines, mirrors } = await run({ outcomes: [fails(text, '[2/3] RUN false')] });
  expect([outcome.ok, attempts, lines]).toEqual([false, ['cache and mirrors'], []]);
  expect(mirrors.inUse).toHaveLength(1);
});

test('without a cache and without mirrors nothing is tried again', async () => {
  const { outcome, attempts, lines } = await run({ cache: false, mirrors: false, outcomes: [fails('x')] });
  expect([outcome.error.text, attempts, lines]).toEqual(['x', [''], []]);
});

test('a cache that was not read is no reason to try again', async () => {
  const { attempts } = await run({ mirrors: false, outcomes: [fails('x', '', UNREAD)] });
  expect(attempts).toEqual(['cache']);
  expect((await run({ mirrors: false, outcomes: [fails('x', '', [])] })).attempts).toEqual(['cache']);
});

describe('a layer of the cache that cannot be read', () => {
  const BROKEN = 'ERROR: failed to solve: sha256:1: not found';

  test('is gone round, and said', async () => {
    const { outcome, attempts, lines } = await run({ mirrors: false, outcomes: [fails(BROKEN), { ...OK, imports: [] }] });
    expect(attempts).toEqual(['cache', '']);
    expect(outcome).toMatchObject({ ok: true, unreadCache: BROKEN });
    expect(lines).toEqual([`${WITHOUT_CACHE}${BROKEN}`]);
  });

  test('is looked for before the mirrors, which stay in use', async () => {
    const { outcome, attempts, mirrors } = await run({ outcomes: [fails(BROKEN, '[2/3] RUN a'), OK] });
    expect(attempts).toEqual(['cache and mirrors', 'mirrors']);
    expect(outcome.unreadCache).toBe(BROKEN);
    expect(mirrors.inUse).toHaveLength(1);
  });

  test('was not the reason when the build fails again, whose error is the one that counts', async () => {
    const { outcome, attempts } = await run({ mirrors: false, outcomes: [fails(BROKEN), fails('the real one')] });
    expect(attempts).toEqual(['cache', '']);
    expect(outcome.error.text).toBe('the real one');
    expect(outcome.unreadCache).toBeUndefined();
  });

  test('is not looked for any further when then a step fails by itself', async () => {
    const { attempts, mirrors } = await run({ outcomes: [fails(BROKEN), fails('process "x" did not complete successfully: exit code: 2')] });
    expect(attempts).toEqual(['cache and mirrors', 'mirrors']);
    expect(mirrors.inUse).toHaveLength(1);
  });
});

describe('a mirror that fails', () => {
  const NOT_THERE = 'ERROR: failed to solve: python:3.12: failed to resolve source metadata for docker.io/library/python:3.12: not found';

  test.each([
    '[internal] load metadata for docker.io/library/python:3.12',
    '[linux/arm64 internal] load metadata for docker.io/library/python:3.12',
    '[stage-1 1/3] FROM docker.io/library/python:3.12@sha256:0',
    'FROM docker.io/library/python:3.12',
    'resolve image config for docker-image://docker.io/docker/dockerfile:1',
    'docker-image://docker.io/docker/dockerfile:1',
  ])('is gone round before the cache, when it is a base image that could not be had: %s', async (vertex) => {
    const { outcome, attempts, lines, mirrors } = await run({ outcomes: [fails(NOT_THERE, vertex), OK] });
    expect(attempts).toEqual(['cache and mirrors', 'cache']);
    expect(outcome).toEqual(OK);
    expect(lines).toEqual([`${WITHOUT_MIRRORS}${NOT_THERE}`, `${GIVEN_UP}${NOT_THERE}`]);
    expect(mirrors.inUse).toEqual([]);
  });

  test.each(['[2/3] RUN echo FROM load', 'exporting to image', '', '[2/3] COPY --from=docker.io/library/a /x /'])('is suspected after the cache when it is something else: %j', async (vertex) => {
    expect((await run({ outcomes: [fails('x', vertex), OK] })).attempts).toEqual(['cache and mirrors', 'mirrors']);
  });

  test('is suspected at once where no cache was read', async () => {
    const { attempts } = await run({ outcomes: [fails('x', 'exporting to image', UNREAD), OK] });
    expect(attempts).toEqual(['cache and mirrors', 'cache']);
  });

  test('is given up only when the build without it succeeded', async () => {
    const { outcome, lines, mirrors } = await run({ cache: false, outcomes: [fails(NOT_THERE), fails('the real one')] });
    expect(outcome.error.text).toBe('the real one');
    expect(lines).toEqual([`${WITHOUT_MIRRORS}${NOT_THERE}`]);
    expect(mirrors.inUse).toHaveLength(1);
  });

  test('is never gone round where it has to be there', async () => {
    const { outcome, attempts, lines, mirrors } = await run({ cache: false, required: true, outcomes: [fails(NOT_THERE)] });
    expect([outcome.error.text, attempts, lines]).toEqual([NOT_THERE, ['mirrors'], []]);
    expect(mirrors.inUse).toHaveLength(1);
  });

  test('stays in the build without the cache where it has to be there', async () => {
    const { outcome, attempts } = await run({ required: true, outcomes: [fails('x', '[internal] load metadata for a'), OK] });
    expect(attempts).toEqual(['cache and mirrors', 'mirrors']);
    expect(outcome.unreadCache).toBe('x');
  });
});

describe('when both are left out,', () => {
  test('the cache first, each is said with its own reason', async () => {
    const { outcome, attempts, lines } = await run({ outcomes: [fails('first'), fails('second'), OK] });
    expect(attempts).toEqual(['cache and mirrors', 'mirrors', '']);
    expect(lines).toEqual([`${WITHOUT_CACHE}first`, `${WITHOUT_MIRRORS}second`, `${GIVEN_UP}second`]);
    expect(outcome.unreadCache).toBe('first');
  });

  test('the mirrors first, each is said with its own reason', async () => {
    const { outcome, attempts, lines } = await run({ outcomes: [fails('first', 'FROM a'), fails('second'), OK] });
    expect(attempts).toEqual(['cache and mirrors', 'cache', '']);
    expect(lines).toEqual([`${WITHOUT_MIRRORS}first`, `${WITHOUT_CACHE}second`, `${GIVEN_UP}first`]);
    expect(outcome.unreadCache).toBe('second');
  });

  test('and the build fails still, it was neither, and nothing is tried a fourth time', async () => {
    const { outcome, attempts, mirrors } = await run({ outcomes: [fails('first'), fails('second'), fails('third')] });
    expect(attempts).toHaveLength(3);
    expect(outcome).toEqual(fails('third'));
    expect(mirrors.inUse).toHaveLength(1);
  });
});

test('a cache that nobody answers for is left out from the beginning', async () => {
  const { outcome, attempts } = await run({ mirrors: false, unreadCache: 'silent', outcomes: [OK] });
  expect(attempts).toEqual(['']);
  expect(outcome.unreadCache).toBe('silent');
});

test.each([
  'failed to push host/app: denied: not for you',
  'failed to push host/app: unauthorized: authentication required',
  'failed to push host/app: unexpected status from POST request to https://host/v2/app/blobs/uploads/: 403 Forbidden',
])('who may not push does not build again: %s', async (text) => {
  expect((await run({ mirrors: false, outcomes: [fails(`failed to solve: ${text}`)] })).attempts).toHaveLength(1);
});

test('a push that is denied may be the matter of a mirror, whose layers only the push reads', async () => {
  const denied = fails('failed to push host/app: denied: not for you');
  expect((await run({ outcomes: [denied, denied, OK] })).attempts).toEqual(['cache and mirrors', 'mirrors', '']);
  expect((await run({ cache: false, outcomes: [denied, OK] })).attempts).toEqual(['mirrors', '']);
});

test('a push that fails is done again with all that there is, before anything is left out', async () => {
  const lost = fails('failed to push host/app: unknown: blob upload unknown to registry');
  const { attempts, lines } = await run({ mirrors: false, outcomes: [lost, OK] });
  expect(attempts).toEqual(['cache', 'cache']);
  expect(lines).toEqual([`WARNING: the push failed, and is tried again: ${lost.error.text}`]);
  expect((await run({ mirrors: false, outcomes: [lost, lost, OK] })).attempts).toEqual(['cache', 'cache', '']);
});

test('what ran before a push that failed has run, though it is cached when it is pushed again', async () => {
  const lost = { ...fails('failed to push host/app: unknown: EOF'), steps: [{ name: '[1/2] RUN make', isCached: false }, { name: '[2/2] RUN test', isCached: true }] };
  const pushed = { ...OK, steps: lost.steps.map((step) => ({ ...step, isCached: true })) };
  expect((await run({ mirrors: false, outcomes: [lost, pushed] })).outcome.steps).toEqual(lost.steps);
});

test('a layer of the cache that a push cannot read is no matter of the push', async () => {
  const unread = fails('failed to push host/app: failed to copy: httpReadSeeker: failed open: unexpected status from GET request: 403 Forbidden');
  expect((await run({ mirrors: false, outcomes: [unread, OK] })).attempts).toEqual(['cache', '']);
});
