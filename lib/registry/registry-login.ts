import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { PULL_ACTIONS, RegistryAccess } from './registry-access';
import { RegistryLoginFields } from './registry-login-fields';
import { checkRegistry } from './registry-names';
import { secretLogin } from './secret-login';

/**
 * What lets a build pull private base images.
 *
 * @example
 * new CachedDockerBuildStep('BuildImages', {
 *   images: [api],
 *   pipeline,
 *   registryLogins: [RegistryLogin.dockerHub(Secret.fromSecretNameV2(this, 'Hub', 'docker-hub'))],
 * });
 */
export abstract class RegistryLogin {
  /**
   * A user and a password in a secret of AWS Secrets Manager. CodeBuild reads it when the build starts; it does not appear in the
   * template, the log or the image. A secret of another account or region has to be given by its complete ARN.
   *
   * Raises an error when the registry is not one that images can name, or one of Amazon ECR, and when a field cannot be the name of one.
   *
   * @param registry the registry as images name it, such as `ghcr.io`, or `docker.io` for Docker Hub
   * @param secret a JSON object with the user and the password
   */
  public static secret(registry: string, secret: secretsmanager.ISecret, fields: RegistryLoginFields = {}): RegistryLogin {
    checkRegistry('RegistryLogin.secret()', 'registry', registry);
    const login = secretLogin('RegistryLogin.secret()', registry, secret, fields);
    return new (class extends RegistryLogin {
      public _bind(): RegistryAccess {
        return { host: registry, login, statements: [] };
      }
    })();
  }

  /**
   * A secret for Docker Hub that is also one for `DockerCredential.dockerHub` of CDK Pipelines: with the fields `username` and `secret`.
   *
   * Raises an error when a field cannot be the name of one.
   *
   * @param secret a JSON object with the user and the access token
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.pipelines.DockerCredential.html
   */
  public static dockerHub(secret: secretsmanager.ISecret, fields: RegistryLoginFields = {}): RegistryLogin {
    return RegistryLogin.secret('docker.io', secret, { passwordField: 'secret', ...fields });
  }

  /**
   * A repository of Amazon ECR, also one of another account or region. The role of the build may pull from it then; the policy of a repository of another
   * account has to let the account of the pipeline pull as well.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
   */
  public static ecr(repository: ecr.IRepository): RegistryLogin {
    return new (class extends RegistryLogin {
      public _bind(): RegistryAccess {
        return {
          host: repository.registryUri,
          statements: [new iam.PolicyStatement({ actions: PULL_ACTIONS, resources: [repository.repositoryArn] })],
        };
      }
    })();
  }

  private constructor() {}

  /** @internal */
  public abstract _bind(): RegistryAccess;
}
