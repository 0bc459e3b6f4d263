import * as path from 'path';
import { CopiedExample, CopiedExampleBuild, deployedImages } from '../../apps/copied-example';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  const python = await baseImages.lambdaPython({ dependencies: 1 });
  await python.publish(lab.registry, 'public.ecr.aws/lambda/python:3.13');
  await python.publish(lab.registry, 'public.ecr.aws/docker/library/python:3.13-slim');
  await (await baseImages.lambdaNode()).publish(lab.registry, 'public.ecr.aws/lambda/nodejs:22');
}, 600_000);

afterAll(async () => lab.stop());

/** What the pip of this world finds. */
const requirements = 'big-numbers==1.0.0\n';

interface Case {
  readonly example: string;
  /** A source, and where it is in the image. */
  readonly source: string;
  readonly file: string;
  readonly requirements?: string;
  /** What is done in the first run, and for another source. */
  readonly steps: readonly [string, string];
}

const cases: readonly Case[] = [
  { example: 'lambda-node', source: 'api/src/handler.ts', file: 'var/task/handler.js', steps: ['0 cached, 7 run', '4 cached, 3 run'] },
  { example: 'ecs-fargate', source: 'web/src/app.py', file: 'app/app.py', requirements: 'web/requirements.txt', steps: ['0 cached, 4 run', '3 cached, 1 run'] },
];
const python = { source: 'api/src/app.py', file: 'var/task/app.py', requirements: 'api/requirements.txt', steps: ['0 cached, 3 run', '2 cached, 1 run'] } as const;

/** Builds an example in its first run, and with another source. */
async function buildTwice({ example, source, file, steps, ...given }: Case): Promise<CopiedExampleBuild[]> {
  const copy = new CopiedExample(lab, example);
  if (given.requirements !== undefined) copy.write(given.requirements, requirements);
  const builds: CopiedExampleBuild[] = [];
  for (const [run, content] of [copy.read(source), '# another source\n'].entries()) {
    copy.write(source, content);
    const build = expectSuccess(await copy.build('BuildImage')) as CopiedExampleBuild;
    expect(build.images).toMatchObject([{ result: 'built', steps: steps[run] }]);
    expect(build.permissions!.missing).toEqual([]);
    const [{ image }] = build.images;
    expect((await imageFile(lab.registry, image, (await lab.registry.manifest(image)).manifest, file)).toString()).toBe(content);
    builds.push(build);
  }
  expect(builds[1].traffic.blobs.up).toBeLessThan(30_000);
  return builds;
}

const configOf = async (image: string) => {
  const [, host, repository] = /^([^/]+)\/(.+):/.exec(image)!;
  const { manifest } = await lab.registry.manifest(image);
  return JSON.parse((await lab.registry.blob(host, repository, manifest.config.digest)).toString());
};

test.each(cases)('$example builds its image in the first run, and another source with the layers of that', async (given) => {
  await buildTwice(given);
});

test('two-accounts builds once in the account of the pipeline, and both others deploy that and may pull it', async () => {
  const [, { assembly, stack, images: [{ image }] }] = await buildTwice({ ...python, example: 'two-accounts' });
  const accounts = { Staging: '222222222222', Production: '333333333333' };
  for (const [stage, account] of Object.entries(accounts)) {
    expect(deployedImages(path.join(assembly, `assembly-TwoAccounts-${stage}`), `${stage}-Api`, account)).toEqual([image]);
  }
  expect(image).toMatch(/^111111111111\./);
  const [repository] = stack.ofType('AWS::ECR::Repository').map(id => stack.resource(id).properties);
  const pulls = repository.RepositoryPolicyText.Statement.filter(({ Principal, Action }: any) => Principal.AWS && [Action].flat().includes('ecr:BatchGetImage'));
  expect(pulls.flatMap(({ Principal }: any) => Principal.AWS)).toEqual(Object.values(accounts).map(account => `arn:aws:iam::${account}:root`));
});

describe('the monorepo of the examples', () => {
  let monorepo: CopiedExample;
  const build = async () => expectSuccess(await monorepo.build('BuildImages')) as CopiedExampleBuild;

  beforeAll(() => {
    monorepo = new CopiedExample(lab, 'monorepo');
    monorepo.write('services/api/requirements.txt', requirements);
    monorepo.write('services/worker/requirements.txt', 'small-talk==1.0.0\n');
  });

  test('builds both images in its first run', async () => {
    expect((await build()).images).toMatchObject([{ image: 'apiImage', result: 'built' }, { image: 'workerImage', result: 'built' }]);
  });

  test('builds one for a change of its service, and moves nothing but that', async () => {
    monorepo.write('services/worker/src/app.py', 'def handler(event, context):\n    return "changed"\n');
    const { images, traffic } = await build();
    expect(images).toMatchObject([{ result: 'already there' }, { result: 'built', steps: '3 cached, 1 run' }]);
    expect(traffic.blobs.up).toBeLessThan(20_000);
  });

  test('builds both for a change of what they share', async () => {
    monorepo.write('shared/orders.py', 'def open_orders():\n    return []\n');
    expect((await build()).images).toMatchObject([{ result: 'built', steps: '2 cached, 2 run' }, { result: 'built', steps: '2 cached, 2 run' }]);
  });
});

test('arm builds for ARM, on a machine of it', async () => {
  await (await baseImages.lambdaPython({ dependencies: 1, architecture: 'arm64' })).publish(lab.registry, 'public.ecr.aws/lambda/python:3.13'); // the last test that takes it
  const [, { stack, images: [{ image }] }] = await buildTwice({ ...python, example: 'arm' });
  expect(await configOf(image)).toMatchObject({ os: 'linux', architecture: 'arm64' });
  expect(stack.projectOf('BuildImage').properties.Environment).toMatchObject({ Type: 'ARM_CONTAINER' });
});
