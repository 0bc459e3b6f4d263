import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { SecretSource } from './secret-variables';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/**
 * A secret that steps of a Dockerfile can read while they run, and that stays in no layer: for `RUN --mount=type=secret` and `RUN --mount=type=ssh`.
 *
 * CodeBuild reads it when the build starts. The role of the build may read this secret and no other.
 *
 * @see https://docs.docker.com/build/building/secrets/
 *
 * @example
 * new CachedDockerImage(this, 'WebImage', {
 *   context: DockerContext.directory('web'),
 *   buildSecrets: { npmrc: BuildSecret.secretsManager(npmSecret) }, // RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
 * });
 */
export class BuildSecret {
  /**
   * A secret of AWS Secrets Manager. One of another account or region has to be given by its complete ARN.
   *
   * Raises an error when the field is not known at synthesis, is empty, or has a colon or a space in it.
   *
   * @param secret the secret
   * @param field the field of its JSON; without it, all of the secret
   */
  public static secretsManager(secret: secretsmanager.ISecret, field?: string): BuildSecret {
    if (field !== undefined && (!isKnownAtSynthesis(field) || !/^[^:\s]+$/.test(field))) {
      throw new Error(`BuildSecret.secretsManager(): field must be a field of the secret, without colons and spaces, known at synthesis, got ${JSON.stringify(field)}; for example 'token'`);
    }
    return new BuildSecret({ secret, field });
  }

  /**
   * A parameter of AWS Systems Manager, in the account and region of the pipeline: a `SecureString`, or any other.
   *
   * @param parameter the parameter, such as one from `StringParameter.fromSecureStringParameterAttributes`
   */
  public static ssmParameter(parameter: ssm.IParameter): BuildSecret {
    return new BuildSecret({ parameter });
  }

  private constructor(
    /** @internal */
    public readonly _source: SecretSource,
  ) {}
}
