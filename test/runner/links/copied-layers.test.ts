import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { HistoryEntry } from '../../../runner/layers/image-content';
import { copiedLayers } from '../../../runner/links/copied-layers';
import { trailingCopies } from '../../../runner/links/trailing-copies';
import { made, none } from '../testhelpers/keep-image';

const BASE = [{ created_by: '/bin/sh -c #(nop) ADD file:1 in / ' }, none('CMD ["bash"]'), none('ENV A=b'), made('RUN /bin/sh -c make # buildkit')];

function split(lines: readonly string[], history: readonly HistoryEntry[], { layers = 2, workdir }: { layers?: number; workdir?: string } = {}) {
  const { copies } = trailingCopies(Dockerfile.parse(['FROM a', ...lines].join('\n')));
  const config = { mediaType: '', digest: 'sha256:config', size: 1 };
  const all = Array.from({ length: layers }, (_, index) => ({ mediaType: '', digest: `sha256:${index}`, size: 1 }));
  return copiedLayers({ config, layers: all }, { config: { WorkingDir: workdir }, history, rootfs: { diff_ids: [] } }, copies);
}

/** Of a single copy, where BuildKit has put it. */
const destination = (line: string, history: string, workdir?: string) => (
  split([line], [...BASE, made(history)], { layers: 3, workdir })?.copied[0].destination);

test('the layers of the copies are the last ones', () => {
  const history = [...BASE, made('COPY a /x # buildkit'), none('USER x'), made('ADD b /y # buildkit'), none('CMD ["x"]')];
  const found = split(['COPY a /x', 'USER x', 'ADD b /y', 'CMD x'], history, { layers: 4 })!;
  expect(found.below).toEqual(['sha256:0', 'sha256:1']);
  expect(found.copied).toMatchObject([
    { historyIndex: 4, layerIndex: 2, destination: '/x', written: '/x', copy: { instruction: { line: 2 } } },
    { historyIndex: 6, layerIndex: 3, destination: '/y', written: '/y', copy: { instruction: { line: 4 } } },
  ]);
});

test('a copy may have made no layer', () => {
  const history = [...BASE, made('COPY a /x # buildkit'), none('COPY b /y # buildkit'), made('COPY c /z # buildkit')];
  const found = split(['COPY a /x', 'COPY b /y', 'COPY c /z'], history, { layers: 4 })!;
  expect(found.below).toEqual(['sha256:0', 'sha256:1']);
  expect(found.copied.map(({ layerIndex, historyIndex }) => [historyIndex, layerIndex])).toEqual([[4, 2], [5, undefined], [6, 3]]);
});

test('a WORKDIR between copies may have made a layer', () => {
  const history = [...BASE, made('COPY a /x # buildkit'), made('WORKDIR /w'), made('COPY c /z # buildkit'), none('WORKDIR /v')];
  const found = split(['COPY a /x', 'WORKDIR /w', 'COPY c /z', 'WORKDIR /v'], history, { layers: 5 })!;
  expect(found.below).toEqual(['sha256:0', 'sha256:1']);
  expect(found.copied.map(({ layerIndex }) => layerIndex)).toEqual([2, 4]);
});

test('there may be nothing below', () => {
  expect(split(['COPY a /x'], [made('COPY a /x # buildkit')], { layers: 1 })).toMatchObject({ below: [], copied: [{ layerIndex: 0 }] });
});

test('a base image may have no history, or less of it than layers', () => {
  expect(split(['COPY a /x'], [made('COPY a /x # buildkit')], { layers: 5 })?.below).toEqual(['sha256:0', 'sha256:1', 'sha256:2', 'sha256:3']);
});

test('no copies leave all layers below', () => {
  expect(split(['CMD x'], BASE)).toEqual({ below: ['sha256:0', 'sha256:1'], copied: [] });
});

describe('a history that is not that of the Dockerfile says nothing', () => {
  test.each<[string, readonly HistoryEntry[], number]>([
    ['none', [], 3],
    ['too short', [made('COPY b /y # buildkit')], 3],
    ['of another step', [...BASE, made('COPY a /x # buildkit'), made('RUN make # buildkit'), made('COPY b /y # buildkit')], 5],
    ['of a layer that nobody has written down', [...BASE, made('COPY a /x # buildkit'), { created: 'x' }, made('COPY b /y # buildkit')], 5],
    ['of another program', [...BASE, made('/bin/sh -c #(nop) COPY file:1 in /x '), made('COPY b /y # buildkit')], 4],
    ['of more layers than there are', [...BASE, made('COPY a /x # buildkit'), made('COPY b /y # buildkit')], 1],
    ['with nothing in it', [null as never, undefined as never, made('COPY b /y # buildkit')], 3],
  ])('such as one %s', (_, history, layers) => {
    expect(split(['COPY a /x', 'COPY b /y'], history, { layers })).toBeUndefined();
  });

  test('or is not there', () => {
    expect(split(['COPY a /x'], undefined as never)).toBeUndefined();
  });
});

describe('the destination', () => {
  test.each([
    ['COPY a b /x/', 'COPY a b /x/ # buildkit', '/x'],
    ['COPY --from=b /a /x', 'COPY /a /x # buildkit', '/x'],
    ['COPY a ${DIR}/y', 'COPY a /opt/y # buildkit', '/opt/y'],
    ['COPY a ${DIR}', 'COPY a  # buildkit', '/srv'],
    ['COPY a .', 'COPY a . # buildkit', '/srv'],
    ['COPY a ./y/', 'COPY a ./y/ # buildkit', '/srv/y'],
    ['COPY a ..', 'COPY a .. # buildkit', '/'],
    ['COPY --chown=5:5 --chmod=755 --parents a /x', 'COPY --parents --chown=5:5 --chmod=755 a /x # buildkit', '/x'],
    ['COPY ["a b", "/x"]', 'COPY a b /x # buildkit', undefined],
    ['COPY ["a", "/x"]', 'COPY a /x # buildkit', '/x'],
    ['COPY a $X', 'COPY a /x y # buildkit', undefined],
    ['COPY $A /x', 'COPY /x # buildkit', undefined],
    ['COPY --exclude=y a /x', 'COPY --exclude=y a /x # buildkit', undefined],
    ['COPY <<EOF /x\ntext\nEOF', 'COPY <<EOF /x # buildkit', '/x'],
    ['COPY a /# buildkit', 'COPY a /# buildkit # buildkit', '/srv/buildkit'],
    ['COPY "a" "/x"', 'COPY a /x # buildkit', '/x'],
  ])('of %s is that of the history, %s: %s', (line, history, expected) => {
    expect(destination(line, history, '/srv')).toBe(expected);
  });

  test('is relative to the root where there is no WORKDIR', () => {
    expect(destination('COPY a x/y', 'COPY a x/y # buildkit')).toBe('/x/y');
    expect(destination('COPY a .', 'COPY a . # buildkit', '')).toBe('/');
  });

  test('is relative to a WORKDIR between the copies', () => {
    const history = [...BASE, made('COPY a . # buildkit'), none('WORKDIR /w'), made('COPY b y # buildkit')];
    expect(split(['COPY a .', 'WORKDIR /w', 'COPY b y'], history, { layers: 4, workdir: '/srv' })?.copied.map(({ destination: at, written }) => [at, written]))
      .toEqual([['/srv', '/srv'], ['/w/y', '/w/y']]);
  });

  test.each([['$X', undefined], ['a\\b', undefined], ['"/x"', '/x'], ["'x/'", '/srv/x'], ['"/x', undefined], ['"$X"', undefined], ['x', '/srv/x'], ['/x/.', '/x']])('as it is written, %s, is %s', (written, expected) => {
    expect(split([`COPY a ${written}`], [made('COPY a /y # buildkit')], { layers: 1, workdir: '/srv' })?.copied[0].written).toBe(expected);
  });
});
