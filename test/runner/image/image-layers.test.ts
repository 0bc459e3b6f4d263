import * as fs from 'fs';
import { BuiltHistory, imageLayers } from '../../../runner/image/image-layers';
import { HistoryEntry } from '../../../runner/layers/image-content';
import { manifest } from '../testhelpers/manifests';
import { someJob } from '../testhelpers/some-job';
import { temporaryWork } from '../testhelpers/work-directory';

const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** The manifest of an image with layers of these sizes. */
function withLayers(...sizes: number[]) {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest(99), size: 1 };
  return manifest({ config, layers: sizes.map((size, index) => ({ mediaType: LAYER, digest: digest(index), size })) });
}

function digest(number: number): string {
  return `sha256:${String(number).padStart(64, '0')}`;
}

const BASE: HistoryEntry[] = [
  { created_by: '/bin/sh -c #(nop) ADD file:1 in / ' },
  { created_by: '/bin/sh -c #(nop)  CMD ["bash"]', empty_layer: true },
  { created_by: 'RUN |1 TOKEN=secret /bin/sh -c make   base # buildkit' },
];

function built(history: HistoryEntry[], lines: string[], plan = {}): BuiltHistory {
  const file = temporaryWork().path('Dockerfile');
  fs.writeFileSync(file, lines.join('\n'));
  return { job: someJob(plan, { dockerfile: file }), history };
}

const LINES = ['FROM a', 'WORKDIR /app', 'COPY --link a b', 'ENV A=1', 'RUN make'];
const OWN: HistoryEntry[] = [
  { created_by: 'WORKDIR /app' }, { created_by: 'COPY a b # buildkit' }, { created_by: 'ENV A=1', empty_layer: true }, { created_by: 'RUN /bin/sh -c make # buildkit' },
];

test('an image that was there has sizes only', () => {
  expect(imageLayers(withLayers(10, 20))).toEqual([{ digest: digest(0), bytes: 10 }, { digest: digest(1), bytes: 20 }]);
});

test('each layer has the instruction that made it, and those of the base image no values of build arguments', () => {
  expect(imageLayers(withLayers(1, 2, 3, 4, 5), built([...BASE, ...OWN], LINES))).toEqual([
    { digest: digest(0), bytes: 1, step: 'ADD file:1 in /', isOfBaseImage: true },
    { digest: digest(1), bytes: 2, step: 'RUN make base', isOfBaseImage: true },
    { digest: digest(2), bytes: 3, step: 'WORKDIR /app', line: 2, isOfBaseImage: false },
    { digest: digest(3), bytes: 4, step: 'COPY --link a b', line: 3, isOfBaseImage: false },
    { digest: digest(4), bytes: 5, step: 'RUN make', line: 5, isOfBaseImage: false },
  ]);
});

test('a step without a layer has none', () => {
  const history = [...BASE, { created_by: 'WORKDIR /app', empty_layer: true }, ...OWN.slice(1)];
  expect(imageLayers(withLayers(1, 2, 3, 4), built(history, LINES))!.map(({ line }) => line)).toEqual([undefined, undefined, 3, 5]);
});

test('a layer for the directories of linked copies is one of the build', () => {
  expect(imageLayers(withLayers(1, 2, 3, 4, 5, 6), built([...BASE, ...OWN], LINES))!.at(-1)).toEqual({
    digest: digest(5), bytes: 6, step: 'owners and modes of directories that linked copies pass', isOfBaseImage: false,
  });
});

test('stages that the image starts from belong to it, and others do not', () => {
  const lines = ['FROM a AS base', 'RUN one', 'FROM a AS other', 'COPY x y', 'RUN two', 'FROM base', 'RUN three'];
  const history = [...BASE, { created_by: 'RUN /bin/sh -c one # buildkit' }, { created_by: 'RUN /bin/sh -c three # buildkit' }];
  expect(imageLayers(withLayers(1, 2, 3, 4), built(history, lines))!.map(({ line }) => line)).toEqual([undefined, undefined, 2, 7]);
  expect(imageLayers(withLayers(1, 2, 3), built(history.slice(0, -1), lines, { target: 'base' }))!.map(({ line }) => line)).toEqual([undefined, undefined, 2]);
});

test.each<[string, HistoryEntry[], string[]]>([
  ['is another one', [...BASE, { created_by: 'COPY a b # buildkit' }, { created_by: 'COPY a b # buildkit' }, { created_by: 'COPY a b # buildkit' }], LINES],
  ['has fewer steps than the Dockerfile', OWN.slice(1), LINES],
  ['has fewer layers than the image', BASE.slice(0, 1), ['FROM a']],
  ['is made from a Dockerfile for another frontend', [...BASE, ...OWN], ['# syntax=example.com/other', ...LINES]],
  ['has what a stage leaves to do', [...BASE, ...OWN], ['FROM a AS base', 'ONBUILD RUN make', 'FROM base', 'WORKDIR /app', 'COPY a b', 'RUN make']],
])('nothing is said of layers whose history %s', (_, history, lines) => {
  const layers = imageLayers(withLayers(1, 2, 3, 4, 5), built(history, lines))!;
  expect(layers.map((layer) => Object.keys(layer))).toEqual(Array(5).fill(['digest', 'bytes']));
});

test('what is no image has no layers', () => {
  expect(imageLayers(manifest({ layers: 'many' }))).toBeUndefined();
  expect(imageLayers(manifest({ layers: [{ digest: 1 }] }))).toBeUndefined();
});
