import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { cacheIsComplete, CacheState, layersWorthKeeping } from '../../../runner/cache/cache-is-complete';
import { HistoryEntry } from '../../../runner/layers/image-content';
import { made, none } from '../testhelpers/keep-image';

const DAY = 24 * 60 * 60 * 1000;
const DOCKERFILE = Dockerfile.parse('FROM a AS build\nRUN make\nFROM b\nRUN x\nCOPY a .\nCOPY b .');
const STEPS = [
  { name: '[build 2/2] RUN make', isCached: true }, { name: '[stage-1 2/4] RUN x', isCached: true }, { name: '[stage-1 3/4] COPY a .', isCached: false }, { name: '[stage-1 4/4] COPY b .', isCached: false },
];
const OWN = { from: 'cache-a_main', error: '' };
const LAYERS = ['sha256:1', 'sha256:2'];

function isComplete({ built, ...state }: Omit<Partial<CacheState>, 'built'> & { built?: Partial<CacheState['built']> } = {}): boolean {
  return cacheIsComplete({
    built: { pushed: '', steps: STEPS, imports: [OWN], ...built },
    dockerfile: DOCKERFILE,
    layers: LAYERS,
    written: { writtenAt: new Date().toISOString(), layers: LAYERS },
    name: 'cache-a_main',
    ...state,
  });
}

test('a cache is complete when only the last copies ran', () => {
  expect(isComplete()).toBe(true);
  expect(isComplete({ built: { steps: STEPS.map((step) => ({ ...step, isCached: true })) } })).toBe(true);
});

test('a cache in a bucket is, too', () => {
  expect(isComplete({ built: { imports: [{ from: 's3', error: '' }] } })).toBe(true);
});

test('caches of other scopes may be there or not', () => {
  expect(isComplete({ built: { imports: [OWN, { from: 'cache-a_other', error: 'not found' }] } })).toBe(true);
});

describe('a cache is not complete when', () => {
  test.each(STEPS.slice(0, 2).map(({ name }) => name))('%s ran', (name) => {
    expect(isComplete({ built: { steps: STEPS.map((step) => ({ ...step, isCached: step.name !== name && step.isCached })) } })).toBe(false);
  });

  test('a last copy of another stage ran', () => {
    const dockerfile = Dockerfile.parse('FROM a AS build\nCOPY x .\nFROM b\nCOPY y .');
    expect(isComplete({ dockerfile, built: { steps: [{ name: '[build 2/2] COPY x .', isCached: false }, { name: '[stage-1 2/2] COPY y .', isCached: false }] } })).toBe(false);
  });

  test.each<[string, Partial<CacheState['built']>]>([
    ['it was left out', { unreadCache: 'a layer of it is gone' }],
    ['it was not read', { imports: [] }],
    ['it is not there yet', { imports: [{ ...OWN, error: 'host/app:cache-a_main: not found' }] }],
    ['it could not be read', { imports: [{ ...OWN, error: 'denied' }] }],
    ['only that of another scope was read', { imports: [{ from: 'cache-a_other', error: '' }] }],
    ['one of its readings failed', { imports: [OWN, { ...OWN, error: 'denied' }] }],
  ])('%s', (_, built) => {
    expect(isComplete({ built })).toBe(false);
  });

  test.each<[string, CacheState['written']]>([
    ['nobody knows what it was written for', undefined],
    ['it is a week old', { writtenAt: new Date(Date.now() - 7 * DAY - 1000).toISOString(), layers: LAYERS }],
    ['it comes from the future', { writtenAt: '9999-01-01T00:00:00.000Z', layers: LAYERS }],
    ['it has no date', { writtenAt: 'yesterday', layers: LAYERS }],
    ['it has an empty date', { writtenAt: '', layers: LAYERS }],
    ['it was written for other layers', { writtenAt: new Date().toISOString(), layers: ['sha256:1', 'sha256:3'] }],
    ['it was written for fewer layers', { writtenAt: new Date().toISOString(), layers: ['sha256:1'] }],
    ['it was written for more layers', { writtenAt: new Date().toISOString(), layers: [...LAYERS, 'sha256:3'] }],
    ['it was written for the layers in another order', { writtenAt: new Date().toISOString(), layers: [...LAYERS].reverse() }],
  ])('%s', (_, written) => {
    expect(isComplete({ written })).toBe(false);
  });
});

test('a cache of nearly a week, or by a clock that goes ahead, will do', () => {
  for (const age of [6.9 * DAY, -60_000]) {
    expect(isComplete({ written: { writtenAt: new Date(Date.now() - age).toISOString(), layers: LAYERS } })).toBe(true);
  }
});

test('without copies behind the last RUN, nothing may have run', () => {
  const dockerfile = Dockerfile.parse('FROM a\nCOPY a .\nRUN x');
  const steps = [{ name: '[2/3] COPY a .', isCached: false }, { name: '[3/3] RUN x', isCached: true }];
  expect(isComplete({ dockerfile, built: { steps } })).toBe(false);
  expect(isComplete({ dockerfile, built: { steps: steps.map((step) => ({ ...step, isCached: true })) } })).toBe(true);
});

describe('the layers that are worth keeping', () => {
  function worth(lines: readonly string[], history: readonly HistoryEntry[], layers: number, target?: string): string[] {
    const descriptor = (digest: string) => ({ mediaType: '', digest, size: 1 });
    const manifest = { config: descriptor('config'), layers: Array.from({ length: layers }, (_, index) => descriptor(`${index}`)) };
    return layersWorthKeeping(manifest, { history, rootfs: { diff_ids: [] } }, Dockerfile.parse(lines.join('\n')), target);
  }

  const RUN = made('RUN make # buildkit');

  test('are all but those of files of the context behind the last RUN', () => {
    expect(worth(['FROM a', 'RUN make', 'COPY a /a', 'COPY b /b'], [RUN, made('COPY a /a # buildkit'), made('COPY b /b # buildkit')], 3)).toEqual(['0']);
  });

  test('have those of other stages and images', () => {
    const lines = ['FROM a', 'RUN make', 'COPY a /a', 'COPY --from=build /b /b', 'COPY c /c', 'COPY --from=image /d /d'];
    const history = ['COPY a /a', 'COPY /b /b', 'COPY c /c', 'COPY /d /d'].map((text) => made(`${text} # buildkit`));
    expect(worth(lines, [RUN, ...history], 5)).toEqual(['0', '2', '4']);
    expect(worth(lines, [RUN, history[0], none('COPY /b /b # buildkit'), ...history.slice(2)], 4)).toEqual(['0', '3']);
  });

  test('are all where the history is another one, or the last RUN is behind the copies', () => {
    expect(worth(['FROM a', 'COPY a /a'], [RUN, made('something')], 2)).toEqual(['0', '1']);
    expect(worth(['FROM a', 'COPY a /a', 'RUN make'], [made('COPY a /a # buildkit'), RUN], 2)).toEqual(['0', '1']);
  });
});
