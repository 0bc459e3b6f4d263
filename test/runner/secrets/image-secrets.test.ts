import { ImageSecrets } from '../../../runner/secrets/image-secrets';
import { temporaryWork } from '../testhelpers/work-directory';

const PLAN = { name: 'App', secretIds: ['npm_token', 'pip'] };
const SETTINGS = { mounts: { npm_token: 'BUILD_SECRET_0', pip: 'BUILD_SECRET_1' } };
const ENV = { BUILD_SECRET_0: 'a secret', BUILD_SECRET_1: 'another', PATH: '/bin' };

test('an image without secrets has nothing of them', async () => {
  const secrets = new ImageSecrets({ name: 'App' }, undefined, ENV, {}, temporaryWork());
  expect([secrets.arguments, secrets.environment]).toEqual([[], {}]);
  await secrets.prepare();
  await secrets.end();
});

test('the program that builds gets the names of variables as arguments, and the secrets in its environment', async () => {
  const secrets = new ImageSecrets(PLAN, SETTINGS, ENV, {}, temporaryWork());
  expect(secrets.arguments).toEqual(['--secret', 'id=npm_token,env=BUILD_SECRET_0', '--secret', 'id=pip,env=BUILD_SECRET_1']);
  expect(secrets.environment).toEqual({ BUILD_SECRET_0: 'a secret', BUILD_SECRET_1: 'another' });
  await secrets.prepare();
});

test('a build by hand finds them by their ids', async () => {
  const secrets = new ImageSecrets(PLAN, undefined, { BUILD_SECRET_npm_token: 'a', BUILD_SECRET_pip: 'b' }, {}, temporaryWork());
  expect(secrets.arguments).toEqual(['--secret', 'id=npm_token,env=BUILD_SECRET_npm_token', '--secret', 'id=pip,env=BUILD_SECRET_pip']);
  await secrets.prepare();
});

test.each([{ BUILD_SECRET_npm_token: 'a' }, { BUILD_SECRET_npm_token: 'a', BUILD_SECRET_pip: '' }])('one that is not there fails with the variable that it should be in: %j', async (env) => {
  await expect(new ImageSecrets(PLAN, undefined, env, {}, temporaryWork()).prepare()).rejects.toThrow(
    "the secret 'pip' of 'App' is empty or missing: fill it; where the image is built by hand, put it into the environment variable BUILD_SECRET_pip");
});

test('a key that is not there fails', async () => {
  await expect(new ImageSecrets({ name: 'App', hasSshKey: true }, undefined, {}, {}, temporaryWork()).prepare()).rejects.toThrow(
    "the SSH key of 'App' is empty or missing: fill it; where the image is built by hand, put it into the environment variable BUILD_SSH_KEY");
});
