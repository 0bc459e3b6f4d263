import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { RegistryLoginFields } from './registry-login-fields';

/** Options of `RegistryMirror.of`. */
export interface RegistryMirrorOptions extends RegistryLoginFields {
  /** The registry to mirror, as images name it: `docker.io` or `mcr.microsoft.com`, for example. */
  readonly upstream: string;

  /**
   * The registry to pull from instead, with a path if its copies are below one. With `mirror.example.com/docker-hub`,
   * `python:3.12` of Docker Hub is pulled as `mirror.example.com/docker-hub/library/python:3.12`.
   */
  readonly endpoint: string;

  /**
   * Of a mirror in Amazon ECR, the repositories that a build may pull from: names below the path of the endpoint, such as `library/python`, or with a star at
   * the end for all that begin so. Needed where the endpoint has no path, since a registry holds more than copies.
   *
   * @default - all below the path of the endpoint
   */
  readonly repositoryNames?: string[];

  /**
   * A secret with the user and the password for the mirror, as a JSON object.
   *
   * @default - the mirror is open to everybody, or one of Amazon ECR
   */
  readonly credentials?: secretsmanager.ISecret;
}
