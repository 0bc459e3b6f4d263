import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { BuildSecret } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { TestPipeline } from '../testhelpers/test-pipeline';

const DOCKERFILE = 'FROM node\nRUN --mount=type=secret,id=a --mount=type=secret,id=b,required=false --mount=type=ssh,required=false make\n';

function setUp() {
  const test = new TestPipeline();
  const secrets = ['one', 'two'].map((name) => secretsmanager.Secret.fromSecretNameV2(test.stack, name, name));
  const image = (id: string, props: object) => test.image(id, { context: new TempContext({ Dockerfile: `${DOCKERFILE}# ${id}\n` }).context, ...props });
  return { test, secrets, image };
}

test('a secret that several images and mounts have has one variable', () => {
  const { test, secrets: [one, two], image } = setUp();
  const images = [
    image('First', { buildSecrets: { b: BuildSecret.secretsManager(two), a: BuildSecret.secretsManager(one) } }),
    image('Second', { buildSecrets: { a: BuildSecret.secretsManager(one) }, buildSshKey: BuildSecret.secretsManager(one, 'key') }),
  ];
  const { settings, environment } = test.synthesizeStep({ images });
  expect(settings.secrets).toEqual({
    [images[0]._planFile]: { mounts: { a: 'BUILD_SECRET_0', b: 'BUILD_SECRET_1' } },
    [images[1]._planFile]: { mounts: { a: 'BUILD_SECRET_0' }, sshKey: 'BUILD_SECRET_2' },
  });
  expect(environment).toMatchObject({ BUILD_SECRET_0: 'one', BUILD_SECRET_1: 'two', BUILD_SECRET_2: 'one:key' });
});

test('the variables belong to the build itself', () => {
  const { test, secrets: [one], image } = setUp();
  const images = [image('First', { buildSecrets: { a: BuildSecret.secretsManager(one) } })];
  expect(() => test.step({ images, env: { BUILD_SECRET_0: 'mine' } })).toThrow("'BuildImage': the environment variables BUILD_SECRET_0 are used by the build itself; give yours other names");
});
