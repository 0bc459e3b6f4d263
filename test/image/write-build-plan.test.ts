import * as fs from 'fs';
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { writeBuildPlan } from '../../lib/image/write-build-plan';
import { BuildPlan } from '../../lib/plan/build-plan';
import { temporaryDirectory } from '../testhelpers/temporary-directory';

const PLAN: BuildPlan = {
  tag: 'v1',
  context: 'asset.1',
  dockerfile: 'Dockerfile',
  dockerfileContent: 'FROM scratch\n',
  platform: 'linux/amd64',
  buildArgs: { A: 'ä"\n' },
  executables: ['run.sh'],
  emptyDirectories: ['var'],
  links: { a: 'b' },
};

let app: App;

beforeEach(() => {
  app = new App({ outdir: temporaryDirectory() });
});

test('the plan is a JSON file in the root of the assembly', () => {
  const name = writeBuildPlan(new Construct(new Stack(app, 'Stack'), 'Image'), PLAN);
  app.synth();
  const content = fs.readFileSync(path.join(app.outdir, name), 'utf-8');
  expect(JSON.parse(content)).toEqual(PLAN);
  expect(content).toMatch(/\}\n$/);
});

test('the plan and the scripts of an image in a stage are in the root of the assembly as well', () => {
  const stage = new Stage(app, 'Tooling');
  const name = writeBuildPlan(new Construct(new Stack(stage, 'Stack'), 'Image'), PLAN);
  stage.synth();
  expect(fs.existsSync(path.join(app.outdir, 'cached-docker-build', 'build.sh'))).toBe(true);
  expect(JSON.parse(fs.readFileSync(path.join(app.outdir, name), 'utf-8'))).toEqual(PLAN);
});

test('the scripts that read the plan lie beside it, once for all plans', () => {
  const stack = new Stack(app, 'Stack');
  ['A', 'B'].forEach((id) => writeBuildPlan(new Construct(stack, id), PLAN));
  app.synth();
  const names = fs.readdirSync(app.outdir);
  expect(names.filter((name) => name.startsWith('image-'))).toHaveLength(2);
  expect(names.filter((name) => name.includes('cached-docker-build'))).toEqual(['cached-docker-build']);
  expect(fs.readdirSync(path.join(app.outdir, 'cached-docker-build'))).toEqual(fs.readdirSync(path.join(__dirname, '..', '..', 'buildspec')));
});

test('a synthesis without an image has no scripts', () => {
  app.synth();
  expect(fs.readdirSync(app.outdir)).not.toContain('cached-docker-build');
});

test('the plan is not there before the synthesis', () => {
  const name = writeBuildPlan(new Construct(new Stack(app, 'Stack'), 'Image'), PLAN);
  expect(fs.existsSync(path.join(app.outdir, name))).toBe(false);
});

test('the name comes from the path of the construct, not from the plan', () => {
  const name = (plan: BuildPlan) => writeBuildPlan(new Construct(new Stack(new App({ outdir: app.outdir }), 'Stack'), 'Image'), plan);
  expect(name(PLAN)).toMatch(/^image-StackImage[0-9A-F]{8}\.json$/);
  expect(name({ ...PLAN, tag: 'v2', context: 'asset.2' })).toEqual(name(PLAN));
});

test('each path has another name', () => {
  const stack = new Stack(app, 'Stack');
  const scopes = [stack, new Construct(stack, 'A'), new Construct(stack, 'a'), new Stack(new Stage(app, 'Tooling'), 'Stack')];
  const names = [...scopes.map((scope) => writeBuildPlan(new Construct(scope, 'Image'), PLAN)), writeBuildPlan(new Construct(stack, 'AImage'), PLAN)];
  expect(new Set(names).size).toBe(names.length);
});
