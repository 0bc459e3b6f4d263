import * as fs from 'fs';
import * as path from 'path';
import { PLAN_VERSION } from '../../../lib/plan/image-plan';
import { allPlans, readPlan } from '../../../runner/input/read-plan';
import { Failure } from '../../../runner/report/failure';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';

let directory: string;

beforeEach(() => { directory = temporaryDirectory(); });

function write(values: { [name: string]: unknown } = {}, file = 'image-App.json'): object {
  const plan = { version: PLAN_VERSION, name: 'App', repository: 'host/app', tag: 'v1', context: 'asset.1', dockerfile: 'Dockerfile', ...values };
  fs.writeFileSync(path.join(directory, file), JSON.stringify(plan));
  return plan;
}

function failure(file = 'image-App.json'): string {
  try {
    readPlan(directory, file);
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    return (error as Error).message;
  }
  throw new Error('the plan was read');
}

test('a plan is read as it was written', () => {
  const plan = write({ dockerfileContent: 'RUN echo "$(touch x)" \\n `touch x` é\r\n' });
  expect(readPlan(directory, 'image-App.json')).toEqual(plan);
});

test('the name of a plan can be any', () => {
  write({}, "-image 'a' $(touch x).json");
  expect(readPlan(directory, "-image 'a' $(touch x).json").tag).toBe('v1');
});

test('an input without the plan fails with what the input has to be', () => {
  expect(failure()).toMatch(/^the input has no image-App\.json: the build needs the cloud assembly of the very pipeline that it belongs to \(ENOENT.*\)$/);
});

test.each(['{"tag": "v1", ', '', '<html>'])('a plan that is no JSON fails with its name and what to do: %j', (text) => {
  fs.writeFileSync(path.join(directory, 'image-App.json'), text);
  expect(failure()).toMatch(/^the plan image-App\.json cannot be read \(.+\): synthesize again$/);
});

test.each([
  [PLAN_VERSION + 1, `${PLAN_VERSION + 1}`], [0, '0'], [undefined, 'undefined'], [`${PLAN_VERSION}`, `${PLAN_VERSION}`],
])('a plan of version %p is refused', (version, text) => {
  write({ version });
  const message = failure();
  expect(message).toBe(`the plan image-App.json is of version ${text}, and this program of version ${PLAN_VERSION}: synthesize again, both come from the same synthesis`);
});

test.each(['null', '5', '[]', '"text"'])('JSON that is no plan is refused: %s', (text) => {
  fs.writeFileSync(path.join(directory, 'image-App.json'), text);
  expect(failure()).toContain('is of version undefined');
});

test.each([[undefined], [null], ['']])('a plan that does not know its commit fails with what to do, instead of a tag such as null: %p', (tag) => {
  write({ tag });
  expect(failure()).toBe("the cloud assembly does not say which commit it was made for, so 'App' has no tag: its synthesis has to run in CodeBuild, from the source of the image");
});

test.each(['../../other/manifests/v1', '$(touch x)', 'a b', 'a\nb', 'a\n', '-x', '.x', 'a'.repeat(129), 'é', '#{Source.CommitId}', 5, true, ['v1']])(
  '%p is refused as a tag', (tag) => {
    write({ tag });
    expect(failure()).toBe(`'${String(tag)}' of the plan image-App.json cannot be an image tag`);
  });

test('a tag can be as long as Docker allows', () => {
  const tag = `_${'aZ9._-'.repeat(21)}b`;
  expect(tag).toHaveLength(128);
  write({ tag });
  expect(readPlan(directory, 'image-App.json').tag).toBe(tag);
});

test('all plans of an assembly are found, in order, and nothing else', () => {
  for (const name of ['manifest.json', 'image-B.json', 'image-A.json', 'image-A.json.digest', 'an-image-C.json', 'tree.json']) write({}, name);
  expect(allPlans(directory)).toEqual({ ready: ['image-A.json', 'image-B.json'], withoutTag: [] });
});

test('plans without a tag are told from the others, and broken ones are left to whoever reads them', () => {
  write({ tag: 'v1' }, 'image-A.json');
  write({ tag: undefined }, 'image-B.json');
  write({ tag: undefined, version: 1 }, 'image-C.json');
  fs.writeFileSync(path.join(directory, 'image-D.json'), '{');
  expect(allPlans(directory)).toEqual({ ready: ['image-A.json', 'image-C.json', 'image-D.json'], withoutTag: ['image-B.json'] });
});
