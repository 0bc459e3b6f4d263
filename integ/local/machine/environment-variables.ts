import { AwsEndpoint } from '../aws/endpoint';
import { SynthesizedStack } from '../aws/synthesized-stack';

interface EnvironmentVariable {
  readonly name: string;
  readonly type?: string;
  readonly value: string;
}

/** The environment variables that a build is declared with. CodeBuild reads their secrets in the name of the build before this starts, and fails it when it may not. */
export class EnvironmentVariables {
  /** @param credentials what the build signs its requests with */
  public constructor(private readonly aws: AwsEndpoint, private readonly credentials: Readonly<Record<string, string>>) {}

  public async ofProject(given: Array<{ Name: string; Type?: string; Value: string }>): Promise<Record<string, string>> {
    return this.valuesOf(given.map(({ Name, Type, Value }) => ({ name: Name, type: Type, value: Value })));
  }

  /** The action's variables are a JSON text with references in it, and `#{...}` of the pipeline. */
  public async ofAction(
    stack: SynthesizedStack, text: unknown, pipeline: { readonly [variable: string]: string } = {},
  ): Promise<Record<string, string>> {
    if (text === undefined) return {};
    const given: EnvironmentVariable[] = JSON.parse(stack.resolve(text));
    return this.valuesOf(given.map(variable => ({
      ...variable,
      value: variable.value.replace(/#\{([^}]+)\}/g, (_, name: string) => {
        const value = pipeline[name];
        if (value === undefined) throw new Error(`${variable.name} needs #{${name}}: give it in 'variables'`);
        return value;
      }),
    })));
  }

  public async secrets(references: ReadonlyArray<readonly [string, string]>, type: string): Promise<Record<string, string>> {
    const values: Record<string, string> = {};
    for (const [name, reference] of references) {
      if (type === 'PARAMETER_STORE') {
        const { Parameters, InvalidParameters } = await this.aws.clientOf(this.credentials, 'ssm', 'get-parameters', '--with-decryption', '--names', reference);
        if (InvalidParameters.length > 0) throw new Error(`there is no parameter ${reference}`);
        values[name] = Parameters[0].Value;
      } else if (type === 'SECRETS_MANAGER') {
        const [, id, field] = /^(arn:(?:[^:]*:){5}[^:]+|[^:]+)(?::([^:]*))?/.exec(reference)!;
        const { SecretString } = await this.aws.clientOf(this.credentials, 'secretsmanager', 'get-secret-value', '--secret-id', id);
        values[name] = field ? `${JSON.parse(SecretString)[field]}` : SecretString;
      } else {
        throw new Error(`${name}: the play does not know variables of type ${type}`);
      }
    }
    return values;
  }

  private async valuesOf(variables: readonly EnvironmentVariable[]): Promise<Record<string, string>> {
    const values: Record<string, string> = {};
    for (const { name, type, value } of variables) {
      Object.assign(values, type === undefined || type === 'PLAINTEXT' ? { [name]: value } : await this.secrets([[name, value]], type));
    }
    return values;
  }
}
