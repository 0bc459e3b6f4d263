import * as fs from 'fs';
import * as path from 'path';
import { Dockerfile } from '../../../../lib/dockerfile/dockerfile';
import { ComparedBuild, compareBuilds } from '../../apps/linked-copies/compared-builds';
import { writeContext } from '../../apps/linked-copies/contexts';
import { coverageReport } from '../../apps/linked-copies/coverage-report';
import { LinkingLab } from '../../apps/linked-copies/linking-lab';
import { readPublicShapes } from '../../apps/linked-copies/public-shapes';
import { addRemoveAndRename } from '../../apps/linked-copies/source-changes';

// How many of the copies that public Dockerfiles end with are linked in a source change. Each is a minimal one of the same shape, over a stand-in for its base image.

const document = path.join(__dirname, '../../../../docs/linked-copies-coverage.md');
const shapes = readPublicShapes();

let lab: LinkingLab;
let builds: ComparedBuild[][];

beforeAll(async () => {
  lab = await LinkingLab.start();
  builds = await compareBuilds(lab, shapes.map(({ dockerfile, context }) => [
    { dockerfile, prepare: directory => writeContext(directory, context), isCompared: false },
    { dockerfile, prepare: directory => addRemoveAndRename(directory, dockerfile) },
  ]), { endsOnNewMachine: true });
}, 1_200_000);

afterAll(async () => lab.stop());

test.each(shapes.map((shape, index) => ({ ...shape, index })))('$project: the same image as without links', ({ index }) => {
  const [, { image, asWritten, log }] = builds[index];
  expect(asWritten.failure).toBeUndefined();
  expect({ log, image }).toEqual({ log, image: asWritten.image });
});

test('of at least a hundred Dockerfiles, at least 95 % of the trailing copies are linked in a source change', () => {
  // None but the newest frontend is here, so what an older one would refuse is linked.
  const covered = shapes.map((shape, index) => ({ ...shape, copies: Dockerfile.parse(shape.dockerfile).whyNoLink ?? builds[index][1].copies }));
  const { text, total, linked } = coverageReport(covered);
  if (process.env.PLAY_RECORD) fs.writeFileSync(document, text);
  expect(shapes.length).toBeGreaterThanOrEqual(100);
  expect(linked / total).toBeGreaterThanOrEqual(0.95);
  expect(fs.readFileSync(document, 'utf8')).toBe(text);
});
