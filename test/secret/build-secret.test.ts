import { Lazy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { BuildSecret, CachedDockerImageProps } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:npm-AbCdEf';
const DOCKERFILE = ['FROM node', 'RUN --mount=type=secret,id=npm_token --mount=type=secret,id=pip npm ci', 'RUN --mount=type=ssh git fetch', ''].join('\n');

/** A step for an image that mounts `npm_token`, `pip` and an SSH agent. */
function synthesize(define: (stack: Stack) => Partial<CachedDockerImageProps>) {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  const other = BuildSecret.secretsManager(secretsmanager.Secret.fromSecretNameV2(test.stack, 'Other', 'other'));
  const given = define(test.stack);
  const image = test.image('Image', {
    context: new TempContext({ Dockerfile: DOCKERFILE }).context,
    buildSshKey: other,
    ...given,
    buildSecrets: { npm_token: other, pip: other, ...given.buildSecrets },
  });
  const step = test.synthesizeStep({ images: [image] });
  const secret = (name: string) => step.project.Environment.EnvironmentVariables.find(({ Name }: any) => Name === name);
  return { ...step, step, image, test, secret, settings: step.settings.secrets[image._planFile], statements: step.statements };
}

const statementsOf = (statements: readonly any[], service: string) => statements.filter(({ Action }) => JSON.stringify(Action).includes(service));

describe('BuildSecret.secretsManager()', () => {
  test('lets CodeBuild read a field of the secret, and puts none of it into the template', () => {
    const { secret, settings } = synthesize((stack) => ({ buildSecrets: { npm_token: BuildSecret.secretsManager(secretsmanager.Secret.fromSecretCompleteArn(stack, 'Npm', ARN), 'token') } }));
    expect(settings.mounts.npm_token).toBe('BUILD_SECRET_0');
    expect(secret('BUILD_SECRET_0')).toEqual({ Name: 'BUILD_SECRET_0', Type: 'SECRETS_MANAGER', Value: `${ARN}:token` });
  });

  test('is all of the secret without a field', () => {
    const { secret } = synthesize((stack) => ({ buildSecrets: { npm_token: BuildSecret.secretsManager(secretsmanager.Secret.fromSecretCompleteArn(stack, 'Npm', ARN)) } }));
    expect(secret('BUILD_SECRET_0').Value).toBe(ARN);
  });

  test('lets the role of the build read this secret and no other, with its key', () => {
    const { statements } = synthesize((stack) => {
      const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/1');
      const secret = BuildSecret.secretsManager(secretsmanager.Secret.fromSecretAttributes(stack, 'Npm', { secretCompleteArn: ARN, encryptionKey }));
      return { buildSecrets: { npm_token: secret, pip: secret }, buildSshKey: secret };
    });
    expect(statementsOf(statements, 'secretsmanager')).toEqual([{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: `${ARN}*` }]);
    expect(statementsOf(statements, 'kms:Decrypt').filter(({ Condition }) => Condition)).toEqual([{
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: 'arn:aws:kms:eu-west-1:111111111111:key/1',
      Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } },
    }]);
  });

  test.each(['', 'a b', 'a:b', Lazy.string({ produce: () => 'late' })])('fails for what is no field: %j', (field) => {
    const secret = secretsmanager.Secret.fromSecretCompleteArn(new Stack(), 'Npm', ARN);
    expect(() => BuildSecret.secretsManager(secret, field)).toThrow(
      `BuildSecret.secretsManager(): field must be a field of the secret, without colons and spaces, known at synthesis, got ${JSON.stringify(field)}; for example 'token'`);
  });

  test('fails for a secret of another account without its complete ARN', () => {
    expect(() => synthesize((stack) => ({
      buildSecrets: { npm_token: BuildSecret.secretsManager(secretsmanager.Secret.fromSecretPartialArn(stack, 'Npm', 'arn:aws:secretsmanager:eu-west-1:222222222222:secret:npm')) },
    }))).toThrow("'BuildImage': the secret 'PipelineStack/Npm' is in account 222222222222, where CodeBuild finds it by its complete ARN only");
  });
});

describe('BuildSecret.ssmParameter()', () => {
  test('lets CodeBuild read this parameter and no other', () => {
    const { secret, statements } = synthesize((stack) => ({
      buildSecrets: { npm_token: BuildSecret.ssmParameter(ssm.StringParameter.fromSecureStringParameterAttributes(stack, 'Npm', { parameterName: '/team/npm' })) },
    }));
    expect(secret('BUILD_SECRET_0')).toEqual({ Name: 'BUILD_SECRET_0', Type: 'PARAMETER_STORE', Value: '/team/npm' });
    expect(statementsOf(statements, 'ssm:')).toEqual([
      { Effect: 'Allow', Action: 'ssm:GetParameters', Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ssm:eu-west-1:111111111111:parameter/team/npm']] } },
    ]);
    expect(statementsOf(statements, 'kms:Decrypt').filter(({ Condition }) => Condition)).toEqual([]);
  });

  test('may use the key of the parameter for it alone', () => {
    const { statements } = synthesize((stack) => {
      const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/1');
      return { buildSecrets: { npm_token: BuildSecret.ssmParameter(ssm.StringParameter.fromSecureStringParameterAttributes(stack, 'Npm', { parameterName: '/team/npm', encryptionKey })) } };
    });
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: 'arn:aws:kms:eu-west-1:111111111111:key/1',
      Condition: { StringEquals: { 'kms:ViaService': 'ssm.eu-west-1.amazonaws.com' } },
    });
  });

  test('takes a parameter of the stack, by the name that it was given', () => {
    const { secret, statements } = synthesize((stack) => ({
      buildSecrets: { npm_token: BuildSecret.ssmParameter(new ssm.StringParameter(stack, 'Npm', { parameterName: '/team/npm', stringValue: 'x' })) },
    }));
    expect(secret('BUILD_SECRET_0').Value).toBe('/team/npm');
    expect(JSON.stringify(statementsOf(statements, 'ssm:'))).toContain('parameter/team/npm');
  });

  test('takes a parameter of the stack that CloudFormation names', () => {
    const { secret } = synthesize((stack) => ({ buildSecrets: { npm_token: BuildSecret.ssmParameter(new ssm.StringParameter(stack, 'Npm', { stringValue: 'x' })) } }));
    expect(secret('BUILD_SECRET_0').Value).toEqual({ Ref: expect.stringMatching(/^Npm/) });
  });

  test('fails for a parameter of another region', () => {
    expect(() => synthesize((stack) => ({
      buildSecrets: { npm_token: BuildSecret.ssmParameter(new ssm.StringParameter(new Stack(stack.node.root as Stack, 'Other', { env: { ...PIPELINE_ENV, region: 'us-east-1' } }), 'Npm', { stringValue: 'x' })) },
    }))).toThrow("'BuildImage': the parameter 'Other/Npm' is in region us-east-1, and CodeBuild finds those of its own account and region only; use a secret of AWS Secrets Manager");
  });
});
