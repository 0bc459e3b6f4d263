import { PLAN_VERSION } from '../../../lib/plan/image-plan';
import { SETTINGS_VARIABLE, StepSettings } from '../../../lib/plan/step-settings';
import { programEnvironment, readSettings, valueOf } from '../../../runner/input/read-settings';
import { Failure } from '../../../runner/report/failure';

const SETTINGS: StepSettings = { version: PLAN_VERSION, layerCache: { kind: 'none' }, builder: { kind: 'kaniko' } };

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

describe('the settings of a step', () => {
  test('are read as they were written', () => {
    expect(readSettings({ [SETTINGS_VARIABLE]: JSON.stringify(SETTINGS) })).toEqual(SETTINGS);
  });

  test.each([{}, { [SETTINGS_VARIABLE]: '' }])('are a registry cache and BuildKit for a build by hand, and nothing else: %j', (env) => {
    expect(readSettings(env)).toEqual({
      version: PLAN_VERSION,
      layerCache: { kind: 'registry', mode: 'max', compression: 'zstd' },
      builder: { kind: 'buildkit', buildkitImage: expect.stringMatching(/^moby\/buildkit:v\d.*@sha256:/) },
    });
  });

  test('that are no JSON fail with the name of the variable', () => {
    expect(failure(() => readSettings({ [SETTINGS_VARIABLE]: '{' })))
      .toMatch(/^the environment variable CACHED_DOCKER_BUILD_SETTINGS holds no JSON \(.+\); deploy the pipeline again, and set it nowhere else$/);
  });

  test.each(['null', '5', '{}', JSON.stringify({ ...SETTINGS, version: PLAN_VERSION + 1 })])('of another version are refused: %s', (text) => {
    const message = failure(() => readSettings({ [SETTINGS_VARIABLE]: text }));
    expect(message).toContain(`the environment variable CACHED_DOCKER_BUILD_SETTINGS is of version ${text.includes('version') ? PLAN_VERSION + 1 : 'undefined'}, and this program of version ${PLAN_VERSION}`);
    expect(message).toContain('run it again, with selfMutation on, or deploy its stack');
  });
});

describe('a value', () => {
  test('can be in the settings themselves', () => {
    expect(valueOf('$(touch x)', { '$(touch x)': 'other' })).toBe('$(touch x)');
  });

  test('can be in a variable of its own, empty too', () => {
    expect(valueOf({ variable: 'A' }, { A: 'main' })).toBe('main');
    expect(valueOf({ variable: 'A' }, { A: '' })).toBe('');
  });

  test('whose variable is missing fails with its name', () => {
    expect(failure(() => valueOf({ variable: 'A' }, {}))).toBe('the environment variable A is missing; it is set by the action of the pipeline');
  });
});

describe('the environment of other programs', () => {
  const env = { PATH: '/bin', [SETTINGS_VARIABLE]: '{}', BUILDKIT_CA: 'a', BUILDKIT_CERT: 'b', BUILDKIT_KEY: 'c', USER_0: 'd', PASSWORD_0: 'e' };

  const WITHOUT_GIT = { BUILDX_GIT_INFO: 'false', BUILDX_GIT_LABELS: 'false' };

  test('has no secret that only this program needs', () => {
    const logins = [{ host: 'ghcr.io', usernameVariable: 'USER_0', passwordVariable: 'PASSWORD_0' }];
    expect(programEnvironment({ ...SETTINGS, logins }, env)).toEqual({ PATH: '/bin', ...WITHOUT_GIT });
  });

  test('has no secret of an image, wherever it is', () => {
    const secrets = { 'image-App.json': { mounts: { npm_token: 'USER_0' }, sshKey: 'PASSWORD_0' }, 'image-Other.json': {} };
    expect(programEnvironment({ ...SETTINGS, secrets }, { ...env, BUILD_SECRET_pip: 'f', BUILD_SSH_KEY: 'g' })).toEqual({ PATH: '/bin', ...WITHOUT_GIT });
  });

  test('has everything else', () => {
    expect(programEnvironment(SETTINGS, env)).toEqual({ PATH: '/bin', USER_0: 'd', PASSWORD_0: 'e', ...WITHOUT_GIT });
  });

  test('keeps buildx from starting git in a context, whatever the step says', () => {
    expect(programEnvironment(SETTINGS, { BUILDX_GIT_INFO: 'true', BUILDX_GIT_LABELS: 'full' })).toEqual(WITHOUT_GIT);
  });
});
