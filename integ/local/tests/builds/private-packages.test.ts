import { createHash } from 'crypto';
import * as path from 'path';
import { CopiedExample, CopiedExampleBuild, deployedImages } from '../../apps/copied-example';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { expectSuccess } from '../../machine/code-build';
import { filesIn, isStored } from '../../registry/stored-text';
import { Lab } from '../../world/lab';

// The example of private packages. Its npm leaves a hash of its token, and its pip compiles nothing only because its secret file says so.

const token = 'npm-token-8d1c20f7';
const pipConf = '# pip-password-5be40a91\n[install]\nno-compile = true\n';

let lab: Lab;
let example: CopiedExample;

beforeAll(async () => {
  lab = await Lab.start();
  await (await baseImages.lambdaPython({ dependencies: 1 })).publish(lab.registry, 'public.ecr.aws/lambda/python:3.13');
  await (await baseImages.lambdaNode()).publish(lab.registry, 'public.ecr.aws/lambda/nodejs:22');
  await lab.aws.client('eu-west-1', 'secretsmanager', 'create-secret', '--name', 'packages/npm', '--secret-string', JSON.stringify({ token }));
  await lab.aws.client('eu-west-1', 'secretsmanager', 'create-secret', '--name', 'packages/pip', '--secret-string', pipConf);
  example = new CopiedExample(lab, 'private-packages');
  example.write('report/requirements.txt', 'big-numbers==1.0.0\n'); // what the pip of this world finds
  example.write('web/Dockerfile', example.read('web/Dockerfile').replace(/^# syntax=.*\n/, '')); // that frontend is not here; BuildKit's own knows as much
}, 600_000);

afterAll(async () => lab.stop());

async function build(): Promise<CopiedExampleBuild> {
  const done = expectSuccess(await example.build('BuildImages')) as CopiedExampleBuild;
  expect(done.permissions!.missing).toEqual([]);
  return done;
}

/** A file of an image that is deployed. */
async function fileOf({ assembly }: CopiedExampleBuild, image: 'Web' | 'Report', file: string): Promise<string> {
  const images = deployedImages(path.join(assembly, 'assembly-PrivatePackages-Prod'), 'Prod-Functions');
  const address = images.find(name => name.includes(`-${image.toLowerCase()}image-`))!;
  return (await imageFile(lab.registry, address, (await lab.registry.manifest(address)).manifest, file)).toString();
}

test('the first run installs with the secrets, another source with the layers of that, and the secrets are nowhere', async () => {
  const builds: CopiedExampleBuild[] = [];
  for (const [content, steps] of [['# first\n', '0 cached, 3 run'], ['# second\n', '2 cached, 1 run']]) {
    for (const file of ['web/src/handler.js', 'report/src/app.py']) example.write(file, content);
    const done = await build();
    expect(done.images).toMatchObject([{ image: 'WebImage', result: 'built', steps }, { image: 'ReportImage', result: 'built', steps }]);
    expect(await fileOf(done, 'Web', 'var/task/handler.js')).toBe(content);
    expect(await fileOf(done, 'Web', 'var/task/node_modules/.token-hash')).toBe(`${createHash('sha256').update(token).digest('hex')}\n`);
    expect(await fileOf(done, 'Report', 'var/task/app.py')).toBe(content);
    expect(await fileOf(done, 'Report', 'var/task/big_numbers/__init__.py')).toContain('1.0.0');
    await expect(fileOf(done, 'Report', 'var/task/big_numbers/__pycache__')).rejects.toThrow('has no');
    builds.push(done);
  }
  expect(builds[1].traffic.blobs.up).toBeLessThan(30_000);

  expect(isStored('# first')).toBe(true);
  for (const secret of [token, 'pip-password-5be40a91']) {
    for (const text of [secret, Buffer.from(secret).toString('base64')]) {
      expect(isStored(text)).toBe(false);
      for (const { log, assembly } of builds) {
        expect(log).not.toContain(text);
        expect([...filesIn(assembly)].some(bytes => bytes.includes(text))).toBe(false);
      }
    }
  }
});
