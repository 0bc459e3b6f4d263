import * as fs from 'fs';
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { writeImagePlan } from '../../lib/image/write-image-plan';
import { ImagePlan, PLAN_VERSION } from '../../lib/plan/image-plan';
import { temporaryDirectory } from '../testhelpers/temporary-directory';

const PLAN: ImagePlan = {
  version: PLAN_VERSION,
  name: 'Image',
  repository: 'example.com/images',
  tag: 'v1',
  context: 'asset.1',
  contextFiles: { hash: '1', files: { 'run.sh': 5 }, executables: ['run.sh'], emptyDirectories: ['var'], links: { a: 'b' } },
  dockerfile: 'Dockerfile',
  dockerfileContent: 'FROM scratch\n',
  platform: 'linux/amd64',
  buildArgs: { A: 'ä"\n' },
  linkCopies: true,
  cacheName: 'cache-a',
  sharedCacheName: 'cache-b',
  runsOnLambda: false,
};

const RUNNER = 'cached-docker-build.cjs';

let app: App;

beforeEach(() => {
  app = new App({ outdir: temporaryDirectory() });
});

test('the plan is a JSON file in the root of the assembly', () => {
  const name = writeImagePlan(new Construct(new Stack(app, 'Stack'), 'Image'), () => PLAN);
  app.synth();
  const content = fs.readFileSync(path.join(app.outdir, name), 'utf-8');
  expect(JSON.parse(content)).toEqual(PLAN);
  expect(content).toMatch(/\}\n$/);
});

test('the plan and the runner of an image in a stage are in the root of the assembly as well, and nowhere else', () => {
  const stage = new Stage(new Stage(app, 'Region'), 'Tooling');
  const name = writeImagePlan(new Construct(new Stack(stage, 'Stack'), 'Image'), () => PLAN);
  app.synth();
  const names = fs.readdirSync(app.outdir, { recursive: true }).map(String);
  expect(names.filter((file) => path.basename(file) === RUNNER)).toEqual([RUNNER]);
  expect(names.filter((file) => path.basename(file) === name)).toEqual([name]);
  expect(JSON.parse(fs.readFileSync(path.join(app.outdir, name), 'utf-8'))).toEqual(PLAN);
});

test('the runner that reads the plan lies beside it, once for all plans', () => {
  const stack = new Stack(app, 'Stack');
  ['A', 'B'].forEach((id) => writeImagePlan(new Construct(stack, id), () => PLAN));
  writeImagePlan(new Construct(new Stack(new Stage(app, 'Tooling'), 'Stack'), 'C'), () => PLAN);
  app.synth();
  const names = fs.readdirSync(app.outdir, { recursive: true }).map(String);
  expect(names.filter((name) => name.startsWith('image-'))).toHaveLength(3);
  expect(names.filter((name) => name.includes('cached-docker-build'))).toEqual([RUNNER]);
  const bundled = path.join(__dirname, '..', '..', 'bundle', RUNNER);
  expect(fs.readFileSync(path.join(app.outdir, RUNNER)).equals(fs.readFileSync(bundled))).toBe(true);
});

test('a synthesis without an image has no runner', () => {
  app.synth();
  expect(fs.readdirSync(app.outdir)).not.toContain(RUNNER);
});

test('what is known at the end of the synthesis only is in the plan', () => {
  let { runsOnLambda } = PLAN;
  const name = writeImagePlan(new Construct(new Stack(app, 'Stack'), 'Image'), () => ({ ...PLAN, runsOnLambda }));
  runsOnLambda = true;
  app.synth();
  expect(JSON.parse(fs.readFileSync(path.join(app.outdir, name), 'utf-8'))).toEqual({ ...PLAN, runsOnLambda: true });
});

test('the plan is not there before the synthesis', () => {
  const name = writeImagePlan(new Construct(new Stack(app, 'Stack'), 'Image'), () => PLAN);
  expect(fs.existsSync(path.join(app.outdir, name))).toBe(false);
});

test('the name comes from the path of the construct, not from the plan', () => {
  const name = (plan: ImagePlan) => writeImagePlan(new Construct(new Stack(new App({ outdir: app.outdir }), 'Stack'), 'Image'), () => plan);
  expect(name(PLAN)).toMatch(/^image-StackImage[0-9A-F]{8}\.json$/);
  expect(name({ ...PLAN, tag: 'v2', context: 'asset.2' })).toEqual(name(PLAN));
});

test('each path has another name', () => {
  const stack = new Stack(app, 'Stack');
  const scopes = [stack, new Construct(stack, 'A'), new Construct(stack, 'a'), new Stack(new Stage(app, 'Tooling'), 'Stack')];
  const names = [...scopes.map((scope) => writeImagePlan(new Construct(scope, 'Image'), () => PLAN)), writeImagePlan(new Construct(stack, 'AImage'), () => PLAN)];
  expect(new Set(names).size).toBe(names.length);
});
