import { App, Stack, Stage } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { CachedDockerImage, CachedDockerImageProps } from '../../lib';
import { cacheName, sharedCacheName } from '../../lib/image/cache-name';
import { TempContext } from '../testhelpers/temp-context';
import { temporaryDirectory } from '../testhelpers/temporary-directory';

function stack(id = 'Pipeline', stage?: string): Stack {
  const app = new App({ outdir: temporaryDirectory() });
  return new Stack(stage === undefined ? app : new Stage(app, stage), id);
}

function image(scope: Construct, id = 'Image', props: Partial<CachedDockerImageProps> = {}): CachedDockerImage {
  const { context } = new TempContext({ Dockerfile: `FROM scratch AS ${props.target ?? 'final'}\n` });
  return new CachedDockerImage(scope, id, { context, ...props });
}

const NAMES = [['of a stack', cacheName], ['of all stacks', sharedCacheName]] as const;

describe.each(NAMES)('the cache name %s', (_, nameOf) => {
  test.each(['x'.repeat(200), '画像', 'a.b c', '-'])('is one that a registry takes, and leaves room for a scope: %s', (id) => {
    const long = image(new Construct(stack('s'.repeat(100)), 'y'.repeat(100)), id, { platform: Platform.custom('linux/arm/v7'), target: 'a-stage.'.repeat(30) });
    expect(nameOf(long)).toMatch(/^cache-[a-zA-Z0-9_.-]+$/);
    expect(nameOf(long).length + '_'.length + 24 + '-'.length + 10).toBeLessThanOrEqual(128);
  });

  test('is another for another image, target and platform', () => {
    const scope = stack();
    const images = [
      image(scope),
      image(scope, 'Other'),
      image(new Construct(scope, 'Folder'), 'Image'),
      image(scope, 'Target', { target: 'test' }),
      image(scope, 'Target2', { target: 'other' }),
      image(scope, 'Arm', { platform: Platform.LINUX_ARM64 }),
    ];
    expect(new Set(images.map(nameOf)).size).toBe(images.length);
    const [plain, test, other] = [{}, { target: 'test' }, { target: 'other' }].map((props) => nameOf(image(stack(), 'Image', props)));
    expect(new Set([plain, test, other]).size).toBe(3);
    expect(nameOf(image(stack(), 'Image', { platform: Platform.LINUX_ARM64 }))).not.toBe(plain);
  });

  test('is another where only that is another which a tag cannot hold, or what is too long', () => {
    const scope = stack();
    const targets = ['a.b', 'a-b', 'a_b', `${'x'.repeat(40)}1`, `${'x'.repeat(40)}2`];
    expect(new Set(targets.map((target) => nameOf(image(stack(), 'Image', { target })))).size).toBe(targets.length);
    const ids = [`${'x'.repeat(80)}1`, `${'x'.repeat(80)}2`, 'a.b', 'a-b'];
    expect(new Set(ids.map((id) => nameOf(image(scope, id)))).size).toBe(ids.length);
  });

  test('stays, whatever the files, the build arguments and the account are', () => {
    const other = new Stack(new App({ outdir: temporaryDirectory() }), 'Pipeline', { env: { account: '111111111111', region: 'eu-west-1' } });
    expect(nameOf(image(other, 'Image', { context: new TempContext({ Dockerfile: 'FROM scratch\n' }).context, buildArgs: { A: '1' } }))).toBe(nameOf(image(stack())));
  });
});

test('the name says the stack, the image and the platform', () => {
  expect(cacheName(image(stack()))).toMatch(/^cache-Pipeline-Image-[0-9A-F]{8}-linux-amd64$/);
  expect(sharedCacheName(image(stack()))).toMatch(/^cache-Image-[0-9a-f]{8}-linux-amd64$/);
  expect(sharedCacheName(image(stack(), 'Image', { target: 'test' }))).toMatch(/^cache-Image-[0-9a-f]{8}-linux-amd64-test-[0-9a-f]{8}$/);
});

test('an image with the same id has the same shared name in another stack, stage and app, and another of its own', () => {
  const images = [stack(), stack('FeatureBranch'), stack('Pipeline', 'Tooling')].map((scope) => image(new Construct(scope, 'Api')));
  expect(new Set(images.map(sharedCacheName)).size).toBe(1);
  expect(new Set(images.map(cacheName)).size).toBe(3);
});
