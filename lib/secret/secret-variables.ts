import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/** A secret of AWS Secrets Manager, or a field of it. */
export interface SecretField {
  readonly secret: secretsmanager.ISecret;
  /** Undefined for the secret as a whole. */
  readonly field?: string;
}

/** A parameter of AWS Systems Manager. */
export interface SecretParameter {
  readonly parameter: ssm.IParameter;
}

export type SecretSource = SecretField | SecretParameter;

/** What a build has to be given for its secrets. */
export interface SecretVariables {
  readonly variables: { [name: string]: codebuild.BuildEnvironmentVariable };
  readonly statements: iam.PolicyStatement[];
}

/** Variables that CodeBuild, in this stack, itself fills from secrets. The permission to read them comes with the variables. Raises an error for a secret that it would not find. */
export function secretVariables(id: string, stack: Stack, sources: { readonly [name: string]: SecretSource }): SecretVariables {
  const all = Object.values(sources);
  const secrets = new Set(all.flatMap((source) => 'secret' in source ? source.secret : []));
  const parameters = new Set(all.flatMap((source) => 'parameter' in source ? source.parameter : []));
  secrets.forEach((secret) => checkPlace(id, stack, secret));
  parameters.forEach((parameter) => checkParameter(id, stack, parameter));
  return {
    variables: Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, variable(source)])),
    statements: [
      ...[...secrets].flatMap(({ encryptionKey, env }) => keyStatements('secretsmanager', env.region, encryptionKey)),
      ...[...parameters].flatMap((parameter) => keyStatements('ssm', parameter.env.region, keyOf(parameter))),
    ],
  };
}

function variable(source: SecretSource): codebuild.BuildEnvironmentVariable {
  if ('parameter' in source) {
    return { type: codebuild.BuildEnvironmentVariableType.PARAMETER_STORE, value: nameOf(source.parameter) };
  }
  const { secret, field } = source;
  return { type: codebuild.BuildEnvironmentVariableType.SECRETS_MANAGER, value: `${secret.secretFullArn ?? secret.secretName}${field === undefined ? '' : `:${field}`}` };
}

/** As it was given, where it was: the permission of the CDK is for another one when a name that begins with a slash is a reference. */
function nameOf(parameter: ssm.IParameter): string {
  const { defaultChild } = parameter.node;
  const given = defaultChild instanceof ssm.CfnParameter ? defaultChild.name : undefined;
  return given !== undefined && !Token.isUnresolved(given) ? given : parameter.parameterName;
}

/** All parameters of the CDK have it, and the interface does not say so. */
function keyOf(parameter: ssm.IParameter & { readonly encryptionKey?: kms.IKey }): kms.IKey | undefined {
  return parameter.encryptionKey;
}

function checkParameter(id: string, stack: Stack, { env, node }: ssm.IParameter): void {
  const places = [['account', env.account, stack.account], ['region', env.region, stack.region]]
    .filter(([, own, other]) => Token.compareStrings(own, other) === TokenComparison.DIFFERENT).map(([what, own]) => `${what} ${own}`);
  if (places.length > 0) {
    throw new Error(`'${id}': the parameter '${node.path}' is in ${places.join(' and ')}, and CodeBuild finds those of its own account and region only; use a secret of AWS Secrets Manager, imported with Secret.fromSecretCompleteArn`);
  }
}

/** Without its complete ARN, a secret is found by its name, and in the account and region of the build only. A new one elsewhere has an ARN, but not all of it. */
function checkPlace(id: string, stack: Stack, { secretFullArn, secretName, env, node }: secretsmanager.ISecret): void {
  const byName = secretFullArn === undefined;
  const isElsewhere = (own: string, other: string) => Token.compareStrings(own, other) === TokenComparison.DIFFERENT;
  const places = [
    ...(byName || node.defaultChild instanceof secretsmanager.CfnSecret) && isElsewhere(env.account, stack.account) ? [`account ${env.account}`] : [],
    ...byName && isElsewhere(env.region, stack.region) ? [`region ${env.region}`] : [],
  ];
  if (places.length > 0) {
    throw new Error(`'${id}': the secret '${node.path}' is in ${places.join(' and ')}, where CodeBuild finds it by its complete ARN only; import it with Secret.fromSecretCompleteArn`);
  }
  if (byName && !isKnownAtSynthesis(secretName)) {
    throw new Error(`'${id}': the name of the secret '${node.path}' must be known at synthesis, since the build may read this one only; give its name, or import it with Secret.fromSecretCompleteArn`);
  }
}

function keyStatements(service: string, region: string, key: kms.IKey | undefined): iam.PolicyStatement[] {
  return key ? [new iam.PolicyStatement({
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.amazonaws.com` } },
  })] : [];
}
