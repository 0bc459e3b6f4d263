import { Token, TokenComparison } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

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

/** Variables that CodeBuild itself fills from secrets. The permission to read them comes with the variables. Raises an error for a secret that it would not find. */
export function secretVariables(id: string, fields: { readonly [name: string]: SecretField }): SecretVariables {
  const secrets = new Set(Object.values(fields).map(({ secret }) => secret));
  secrets.forEach((secret) => checkAccount(id, secret));
  return {
    variables: Object.fromEntries(Object.entries(fields).map(([name, { secret, field }]) => [name, {
      type: codebuild.BuildEnvironmentVariableType.SECRETS_MANAGER,
      value: `${secret.secretFullArn ?? secret.secretName}:${field}`,
    }])),
    statements: [...secrets].flatMap(keyStatements),
  };
}

/** Without its complete ARN, a secret is found by its name, and in the account of the build only. */
function checkAccount(id: string, { secretFullArn, env, stack, node }: secretsmanager.ISecret): void {
  if (secretFullArn === undefined && Token.compareStrings(env.account, stack.account) === TokenComparison.DIFFERENT) {
    throw new Error(`'${id}': the secret '${node.path}' is in account ${env.account}, where CodeBuild finds it by its complete ARN only; import it with Secret.fromSecretCompleteArn`);
  }
}

function keyStatements({ encryptionKey, stack }: secretsmanager.ISecret): iam.PolicyStatement[] {
  return encryptionKey ? [new iam.PolicyStatement({
    actions: ['kms:Decrypt'],
    resources: [encryptionKey.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com` } },
  })] : [];
}
