import * as fs from 'fs';
import * as path from 'path';
import { ComparedBuild, compareBuilds } from '../../apps/linked-copies/compared-builds';
import { writeContext } from '../../apps/linked-copies/contexts';
import { coverageReport } from '../../apps/linked-copies/coverage-report';
import { LinkingLab } from '../../apps/linked-copies/linking-lab';
import { PublicShape, readPublicShapes } from '../../apps/linked-copies/public-shapes';
import { addRemoveAndRename } from '../../apps/linked-copies/source-changes';
import { inLanes } from '../../world/in-lanes';

// How many of the copies that public Dockerfiles end with are linked in a source change. Each is a minimal one of the same shape, over a stand-in for its base image.

const document = path.join(__dirname, '../../../../docs/linked-copies-coverage.md');
const shapes = readPublicShapes();

let lab: LinkingLab;
let builds: Map<PublicShape, Promise<ComparedBuild[]>>;

beforeAll(async () => {
  lab = await LinkingLab.start();
  builds = inLanes(shapes, 3, shape => compareBuilds(lab, { ...shape, write: context => writeContext(context, shape.context), changes: [addRemoveAndRename] }));
}, 600_000);

afterAll(async () => lab.stop());

test.each(shapes)('$project: the same image as without links', async (shape) => {
  for (const { built, asWritten, log } of await builds.get(shape)!) {
    expect(asWritten).toBeDefined();
    expect({ log, image: built }).toEqual({ log, image: asWritten });
  }
});

test('of at least a hundred Dockerfiles, at least 95 % of the trailing copies are linked in a source change', async () => {
  const { text, total, linked } = coverageReport(await Promise.all(shapes.map(async shape => ({ ...shape, copies: (await builds.get(shape)!)[1].copies }))));
  if (process.env.PLAY_RECORD) fs.writeFileSync(document, text);
  expect(shapes.length).toBeGreaterThanOrEqual(100);
  expect(linked / total).toBeGreaterThanOrEqual(0.95);
  expect(fs.readFileSync(document, 'utf8')).toBe(text);
});
