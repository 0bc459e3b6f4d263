import * as fs from 'fs';
import { BuiltHistory, layerMakers } from '../../../runner/image/layer-makers';
import { HistoryEntry } from '../../../runner/layers/image-content';
import { someJob } from '../testhelpers/some-job';
import { temporaryWork } from '../testhelpers/work-directory';

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

test('each layer has the instruction that made it, and those of the base image no values of build arguments', () => {
  expect(layerMakers(5, built([...BASE, ...OWN], LINES))).toEqual([
    { step: 'ADD file:1 in /', isOfBaseImage: true },
    { step: 'RUN make base', isOfBaseImage: true },
    { step: 'WORKDIR /app', line: 2, isOfBaseImage: false },
    { step: 'COPY --link a b', line: 3, isOfBaseImage: false },
    { step: 'RUN make', line: 5, isOfBaseImage: false },
  ]);
});

test('a step without a layer has none', () => {
  const history = [...BASE, { created_by: 'WORKDIR /app', empty_layer: true }, ...OWN.slice(1)];
  expect(layerMakers(4, built(history, LINES))!.map(({ line }) => line)).toEqual([undefined, undefined, 3, 5]);
});

test('a layer for the directories of linked copies is one of the build', () => {
  expect(layerMakers(6, built([...BASE, ...OWN], LINES))!.at(-1)).toEqual({
    step: 'owners and modes of directories that linked copies pass', isOfBaseImage: false,
  });
});

test('stages that the image starts from belong to it, and others do not', () => {
  const lines = ['FROM a AS base', 'RUN one', 'FROM a AS other', 'COPY x y', 'RUN two', 'FROM base', 'RUN three'];
  const history = [...BASE, { created_by: 'RUN /bin/sh -c one # buildkit' }, { created_by: 'RUN /bin/sh -c three # buildkit' }];
  expect(layerMakers(4, built(history, lines))!.map(({ line }) => line)).toEqual([undefined, undefined, 2, 7]);
  expect(layerMakers(3, built(history.slice(0, -1), lines, { target: 'base' }))!.map(({ line }) => line)).toEqual([undefined, undefined, 2]);
});

test.each<[string, HistoryEntry[], string[]]>([
  ['is another one', [...BASE, { created_by: 'COPY a b # buildkit' }, { created_by: 'COPY a b # buildkit' }, { created_by: 'COPY a b # buildkit' }], LINES],
  ['has fewer steps than the Dockerfile', OWN.slice(1), LINES],
  ['has fewer layers than the image', BASE.slice(0, 1), ['FROM a']],
  ['is made from a Dockerfile for another frontend', [...BASE, ...OWN], ['# syntax=example.com/other', ...LINES]],
  ['has what a stage leaves to do', [...BASE, ...OWN], ['FROM a AS base', 'ONBUILD RUN make', 'FROM base', 'WORKDIR /app', 'COPY a b', 'RUN make']],
])('nothing is said of layers whose history %s', (_, history, lines) => {
  expect(layerMakers(5, built(history, lines))).toBeUndefined();
});
