import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { BuildSecret, CachedDockerImageProps, DockerBuilder } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { TestPipeline } from '../testhelpers/test-pipeline';

const NPM = 'RUN --mount=type=secret,id=npm_token npm ci';
const GIT = 'RUN --mount=type=ssh git fetch';

let app: TestPipeline;

beforeEach(() => { app = new TestPipeline(); });

function secret(id = 'Secret'): BuildSecret {
  return BuildSecret.secretsManager(secretsmanager.Secret.fromSecretNameV2(app.stack, id, id));
}

function image(lines: readonly string[], props: Partial<CachedDockerImageProps> = {}, id = 'Image') {
  return app.image(id, { context: new TempContext({ Dockerfile: ['FROM node AS build', ...lines, ''].join('\n') }).context, ...props });
}

test('an image has no secrets unless it is given some', () => {
  const plan = app.plan(image(['RUN npm ci']));
  expect(plan).not.toHaveProperty('secretIds');
  expect(plan).not.toHaveProperty('hasSshKey');
  expect(new TestPipeline().synthesizeStep().settings).not.toHaveProperty('secrets');
});

test('the plan has the ids of the secrets, and nothing else of them', () => {
  const plan = app.plan(image([NPM, GIT, 'RUN --mount=type=secret,target=/x/a.b-c make'], { buildSecrets: { 'npm_token': secret('TopSecret1'), 'a.b-c': secret('TopSecret2') }, buildSshKey: secret('TopSecret3') }));
  expect(plan).toMatchObject({ secretIds: ['a.b-c', 'npm_token'], hasSshKey: true });
  expect(JSON.stringify(plan)).not.toContain('TopSecret');
});

test('the ids are part of the tag, and the secrets are not', () => {
  const lines = [NPM.replace('id=npm_token', 'id=npm_token,required=false')];
  const tag = (props: Partial<CachedDockerImageProps>, id: string) => image(lines, props, id).imageTag;
  const [none, one, other, two, ssh] = [
    tag({}, 'None'), tag({ buildSecrets: { npm_token: secret() } }, 'One'), tag({ buildSecrets: { npm_token: secret('Other') } }, 'Other1'),
    tag({ buildSecrets: { npm_token: secret('Third'), pip: secret('Fourth') } }, 'Two'), tag({ buildSshKey: secret('Key') }, 'Ssh'),
  ];
  expect(one).toBe(other);
  expect(new Set([none, one, two, ssh]).size).toBe(4);
});

describe('a step that mounts what the image does not have fails the synthesis', () => {
  test('for a secret, with how to give it', () => {
    expect(() => image(['RUN make', NPM])).toThrow("'PipelineStack/Image': the RUN in line 3 mounts the secret \"npm_token\", which the image does not have;"
      + ' give it one: buildSecrets: { "npm_token": BuildSecret.secretsManager(secret, \'field\') }; write required=false if the step can do without');
  });

  test.each([
    ['RUN --mount=type=secret,target=/root/.npmrc npm ci', '.npmrc'],
    ['RUN --mount=type=secret,dst=/run/x npm ci', 'x'],
    ['RUN --mount=type=SECRET,Id=x npm ci', 'x'],
    ['RUN --mount=id=x,type=secret,required=true npm ci', 'x'],
    ['RUN --mount=type=cache,target=/c --mount=type=secret,id=x,env=X npm ci', 'x'],
    ['ARG ID=x\nRUN --mount=type=secret,id=$ID npm ci', 'x'],
  ])('%s', (line, id) => {
    expect(() => image([line])).toThrow(`mounts the secret "${id}", which the image does not have`);
  });

  test('for an SSH agent', () => {
    expect(() => image([GIT])).toThrow("'PipelineStack/Image': the RUN in line 2 mounts an SSH agent, and the image has no key for it; give it one: buildSshKey: BuildSecret.secretsManager(secret)");
    expect(() => image(['RUN --mount=type=ssh,id=github git fetch'], { buildSshKey: secret() }, 'Second'))
      .toThrow("the RUN in line 2 mounts the SSH agent \"github\", and there is one only, 'default'; leave the id out, and give the image a buildSshKey");
  });

  test('but not where it says that it can do without, or is not built', () => {
    image([NPM.replace('id=npm_token', 'id=npm_token,required=false'), 'RUN --mount=type=secret,id=$UNKNOWN make']);
    image([NPM, 'FROM node AS other'], { target: 'other' }, 'Second');
  });
});

test('a secret that no step mounts is warned of', () => {
  image(['RUN npm ci'], { buildSecrets: { npm_token: secret() }, buildSshKey: secret('Key') });
  expect(app.warnings()).toContain('cdk-cached-docker-build:unusedBuildSecret');
});

test('secrets that steps mount are not warned of', () => {
  image([NPM, GIT], { buildSecrets: { npm_token: secret() }, buildSshKey: secret('Key') });
  image(['# nothing'].concat('RUN make'), {}, 'Second');
  expect(app.warnings()).not.toContain('cdk-cached-docker-build:unusedBuildSecret');
});

test.each(['', 'a b', 'a,b', 'a=b', '$(x)', 'a/b'])('an id that no flag can hold is refused: %j', (id) => {
  expect(() => image([NPM], { buildSecrets: { [id]: secret() } }))
    .toThrow(`'PipelineStack/Image': buildSecrets takes ids of letters, digits, '.', '_' and '-', got ${JSON.stringify(id)}; for example 'npm_token', which RUN --mount=type=secret,id=npm_token mounts`);
});

test('kaniko takes no secrets', () => {
  const optional = NPM.replace('id=npm_token', 'id=npm_token,required=false');
  for (const [id, props, name] of [['One', { buildSecrets: { npm_token: secret() } }, 'buildSecrets'], ['Two', { buildSshKey: secret('Key') }, 'buildSshKey']] as const) {
    const some = image(id === 'One' ? [optional] : ['RUN make'], props, id);
    expect(() => app.step({ images: [some], builder: DockerBuilder.kaniko() }))
      .toThrow(`'BuildImage': DockerBuilder.kaniko() cannot keep ${name} of 'PipelineStack/${id}' from the other steps of its Dockerfile; use DockerBuilder.buildkit()`);
  }
});
