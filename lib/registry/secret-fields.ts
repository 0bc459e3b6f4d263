import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/** A part of a secret of AWS Secrets Manager. */
export interface SecretField {
  readonly secret: secretsmanager.ISecret;
  readonly field: string;
}

/** What a build has to be given for its secrets. */
export interface SecretVariables {
  readonly variables: { [name: string]: codebuild.BuildEnvironmentVariable };
  readonly statements: iam.PolicyStatement[];
}

/** Variables that CodeBuild, in this stack, itself fills from secrets. The permission to read them comes with the variables. Raises an error for a secret that it would not find. */
export function secretVariables(id: string, stack: Stack, fields: { readonly [name: string]: SecretField }): SecretVariables {
  const secrets = new Set(Object.values(fields).map(({ secret }) => secret));
  secrets.forEach((secret) => checkPlace(id, stack, secret));
  return {
    variables: Object.fromEntries(Object.entries(fields).map(([name, { secret, field }]) => [name, {
      type: codebuild.BuildEnvironmentVariableType.SECRETS_MANAGER,
      value: `${secret.secretFullArn ?? secret.secretName}:${field}`,
    }])),
    statements: [...secrets].flatMap(keyStatements),
  };
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

function keyStatements({ encryptionKey, env }: secretsmanager.ISecret): iam.PolicyStatement[] {
  return encryptionKey ? [new iam.PolicyStatement({
    actions: ['kms:Decrypt'],
    resources: [encryptionKey.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${env.region}.amazonaws.com` } },
  })] : [];
}
