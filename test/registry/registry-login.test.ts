import { Lazy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { CachedDockerBuildStepProps, DockerBuilder, RegistryLogin, RegistryMirror } from '../../lib';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:github-AbCdEf';

function secret(test: TestPipeline, id = 'GitHub'): secretsmanager.ISecret {
  return secretsmanager.Secret.fromSecretCompleteArn(test.stack, id, ARN);
}

function synthesize(props: (test: TestPipeline) => Partial<CachedDockerBuildStepProps>) {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  return test.synthesizeStep(props(test));
}

describe('RegistryLogin.secret()', () => {
  test('lets CodeBuild read user and password, and puts neither into the template', () => {
    const { project, settings } = synthesize((test) => ({ registryLogins: [RegistryLogin.secret('ghcr.io', secret(test))] }));
    expect(settings.logins).toEqual([{ host: 'ghcr.io', usernameVariable: 'REGISTRY_USERNAME_0', passwordVariable: 'REGISTRY_PASSWORD_0' }]);
    expect(project.Environment.EnvironmentVariables.filter(({ Type }: any) => Type !== 'PLAINTEXT')).toEqual([
      { Name: 'REGISTRY_USERNAME_0', Type: 'SECRETS_MANAGER', Value: `${ARN}:username` },
      { Name: 'REGISTRY_PASSWORD_0', Type: 'SECRETS_MANAGER', Value: `${ARN}:password` },
    ]);
  });

  test('lets the role of the build read this secret and no other', () => {
    const { statements } = synthesize((test) => ({ registryLogins: [RegistryLogin.secret('ghcr.io', secret(test))] }));
    expect(statements.filter(({ Action }) => JSON.stringify(Action).includes('secretsmanager'))).toEqual([
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: `${ARN}*` },
    ]);
  });

  test('takes a secret of the stack, encrypted with a key', () => {
    const { project, statements } = synthesize((test) => {
      const encryptionKey = kms.Key.fromKeyArn(test.stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/1');
      return { registryLogins: [RegistryLogin.secret('ghcr.io', new secretsmanager.Secret(test.stack, 'GitHub', { encryptionKey }))] };
    });
    const Ref = expect.stringMatching(/^GitHub/);
    expect(project.Environment.EnvironmentVariables).toContainEqual(
      { Name: 'REGISTRY_PASSWORD_0', Type: 'SECRETS_MANAGER', Value: { 'Fn::Join': ['', [{ Ref }, ':password']] } });
    expect(statements).toContainEqual({ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: { Ref } });
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: 'arn:aws:kms:eu-west-1:111111111111:key/1',
      Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } },
    });
  });

  test('has a pair of variables for each registry', () => {
    const { settings, environment } = synthesize((test) => ({
      registryLogins: [
        RegistryLogin.secret('ghcr.io', secret(test)),
        RegistryLogin.secret('docker.io', secret(test, 'Hub'), { usernameField: 'user', passwordField: 'access token'.replace(' ', '-') }),
      ],
    }));
    expect(settings.logins).toEqual([
      { host: 'ghcr.io', usernameVariable: 'REGISTRY_USERNAME_0', passwordVariable: 'REGISTRY_PASSWORD_0' },
      { host: 'docker.io', usernameVariable: 'REGISTRY_USERNAME_1', passwordVariable: 'REGISTRY_PASSWORD_1' },
    ]);
    expect(environment).toMatchObject({
      REGISTRY_USERNAME_0: `${ARN}:username`, REGISTRY_PASSWORD_0: `${ARN}:password`, REGISTRY_USERNAME_1: `${ARN}:user`, REGISTRY_PASSWORD_1: `${ARN}:access-token`,
    });
  });

  test('counts once when a mirror and a base image need the same', () => {
    const { settings } = synthesize((test) => {
      const credentials = secret(test);
      return {
        builder: DockerBuilder.buildkit({ mirrors: [RegistryMirror.of({ upstream: 'docker.io', endpoint: 'registry.example.com/hub', credentials })] }),
        registryLogins: [RegistryLogin.secret('registry.example.com', credentials)],
      };
    });
    expect(settings.logins).toEqual([{ host: 'registry.example.com', usernameVariable: 'REGISTRY_USERNAME_0', passwordVariable: 'REGISTRY_PASSWORD_0' }]);
  });

  test('does not go with another login for the registry', () => {
    expect(() => synthesize((test) => ({
      registryLogins: [RegistryLogin.secret('ghcr.io', secret(test)), RegistryLogin.secret('ghcr.io', secret(test, 'Other'))],
    }))).toThrow("'BuildImage': there are two logins for ghcr.io, with the secrets 'PipelineStack/GitHub' and 'PipelineStack/Other'; a registry takes one");
  });

  test('takes a secret of another account by its complete ARN', () => {
    const arn = ARN.replace('111111111111', '222222222222');
    const { environment } = synthesize((test) => ({
      registryLogins: [RegistryLogin.secret('ghcr.io', secretsmanager.Secret.fromSecretCompleteArn(test.stack, 'GitHub', arn))],
    }));
    expect(environment.REGISTRY_USERNAME_0).toBe(`${arn}:username`);
  });

  test('fails for a secret of another account without its complete ARN', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:222222222222:secret:github';
    expect(() => synthesize((test) => ({
      registryLogins: [RegistryLogin.secret('ghcr.io', secretsmanager.Secret.fromSecretPartialArn(test.stack, 'GitHub', arn))],
    }))).toThrow("'BuildImage': the secret 'PipelineStack/GitHub' is in account 222222222222, where CodeBuild finds it by its complete ARN only; import it with Secret.fromSecretCompleteArn");
  });

  test.each<[string, string, object, (stack: Stack) => secretsmanager.ISecret]>([
    ['account 222222222222', 'named', { account: '222222222222' }, (stack) => secretsmanager.Secret.fromSecretNameV2(stack, 'GitHub', 'github')],
    ['account 222222222222', 'new', { account: '222222222222' }, (stack) => new secretsmanager.Secret(stack, 'GitHub', { secretName: 'github' })],
    ['region us-east-1', 'named', { region: 'us-east-1' }, (stack) => secretsmanager.Secret.fromSecretNameV2(stack, 'GitHub', 'github')],
  ])('fails for a secret of a stack in %s, when it is %s there', (place, _, env, define) => {
    expect(() => synthesize((test) => ({
      registryLogins: [RegistryLogin.secret('ghcr.io', define(new Stack(test.app, 'Other', { env: { ...PIPELINE_ENV, ...env } })))],
    }))).toThrow(`'BuildImage': the secret 'Other/GitHub' is in ${place}, where CodeBuild finds it by its complete ARN only; import it with Secret.fromSecretCompleteArn`);
  });

  test('fails for a secret by a name that is not known', () => {
    expect(() => synthesize((test) => ({
      registryLogins: [RegistryLogin.secret('ghcr.io', secretsmanager.Secret.fromSecretNameV2(test.stack, 'GitHub', Lazy.string({ produce: () => 'github' })))],
    }))).toThrow("'BuildImage': the name of the secret 'PipelineStack/GitHub' must be known at synthesis, since the build may read this one only; give its name, or import it with Secret.fromSecretCompleteArn");
  });

  test('may use the key of a secret in the region of the secret', () => {
    const { statements } = synthesize((test) => ({
      registryLogins: [RegistryLogin.secret('ghcr.io', secretsmanager.Secret.fromSecretAttributes(test.stack, 'GitHub', {
        secretCompleteArn: ARN.replace('eu-west-1', 'us-east-1'),
        encryptionKey: kms.Key.fromKeyArn(test.stack, 'Key', 'arn:aws:kms:us-east-1:111111111111:key/1'),
      }))],
    }));
    expect(statements).toContainEqual(expect.objectContaining({ Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' } } }));
  });

  test('keeps its variables to itself', () => {
    expect(() => synthesize((test) => ({ env: { REGISTRY_PASSWORD_0: 'mine' }, registryLogins: [RegistryLogin.secret('ghcr.io', secret(test))] })))
      .toThrow("'BuildImage': the environment variables REGISTRY_PASSWORD_0 are used by the build itself; give yours other names");
  });

  test('fails for what is no registry', () => {
    const given = secret(new TestPipeline());
    expect(() => RegistryLogin.secret('ghcr.io/team', given)).toThrow(
      'RegistryLogin.secret(): registry must be a registry without path, known at synthesis, got "ghcr.io/team"; for example \'docker.io\' or \'registry.example.com:5000\'');
    expect(() => RegistryLogin.secret('index.docker.io', given)).toThrow(
      'RegistryLogin.secret(): registry must be the registry as images name it, got "index.docker.io"; use \'docker.io\'');
  });

  test('fails for Amazon ECR', () => {
    expect(() => RegistryLogin.secret('222222222222.dkr.ecr.eu-west-1.amazonaws.com', secret(new TestPipeline()))).toThrow(
      'RegistryLogin.secret(): 222222222222.dkr.ecr.eu-west-1.amazonaws.com takes no login from a secret, since Amazon ECR lets in the role of the build; leave the secret out, or use RegistryLogin.ecr()');
  });

  test.each(['', 'a b', 'a:b', Lazy.string({ produce: () => 'late' })])('fails for what is no field: %j', (field) => {
    for (const name of ['usernameField', 'passwordField']) {
      expect(() => RegistryLogin.secret('ghcr.io', secret(new TestPipeline()), { [name]: field })).toThrow(
        `RegistryLogin.secret(): ${name} must be a field of the secret, without colons and spaces, known at synthesis, got ${JSON.stringify(field)}; for example 'password'`);
    }
  });
});

test('RegistryLogin.dockerHub() takes the secret that CDK Pipelines takes', () => {
  const { settings, environment } = synthesize((test) => ({ registryLogins: [RegistryLogin.dockerHub(secret(test))] }));
  expect(settings.logins).toEqual([{ host: 'docker.io', usernameVariable: 'REGISTRY_USERNAME_0', passwordVariable: 'REGISTRY_PASSWORD_0' }]);
  expect(environment).toMatchObject({ REGISTRY_USERNAME_0: `${ARN}:username`, REGISTRY_PASSWORD_0: `${ARN}:secret` });
  expect(synthesize((test) => ({ registryLogins: [RegistryLogin.dockerHub(secret(test), { usernameField: 'user', passwordField: 'token' })] })).environment)
    .toMatchObject({ REGISTRY_USERNAME_0: `${ARN}:user`, REGISTRY_PASSWORD_0: `${ARN}:token` });
});

test('RegistryLogin.ecr() lets the role of the build pull from that repository, in whatever account it is', () => {
  const repositoryArn = 'arn:aws:ecr:us-east-1:222222222222:repository/base/python';
  const { settings, statements } = synthesize((test) => ({
    registryLogins: [RegistryLogin.ecr(ecr.Repository.fromRepositoryAttributes(test.stack, 'Base', { repositoryArn, repositoryName: 'base/python' }))],
  }));
  expect(settings.ecrHosts).toEqual(['222222222222.dkr.ecr.us-east-1.${AWS::URLSuffix}']);
  expect(settings).not.toHaveProperty('logins');
  expect(statements).toContainEqual({
    Effect: 'Allow', Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], Resource: repositoryArn,
  });
});

test('several repositories of one registry need one login', () => {
  const { settings } = synthesize((test) => ({
    registryLogins: ['one', 'two'].map((name) => RegistryLogin.ecr(ecr.Repository.fromRepositoryAttributes(test.stack, name, {
      repositoryName: name, repositoryArn: `arn:aws:ecr:us-east-1:222222222222:repository/${name}`,
    }))),
  }));
  expect(settings.ecrHosts).toEqual(['222222222222.dkr.ecr.us-east-1.${AWS::URLSuffix}']);
});
