import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { RegistryLoginFields } from './registry-login-fields';

/** Options of `RegistryMirror.of`. */
export interface RegistryMirrorOptions extends RegistryLoginFields {
  /**
   * A secret with the user and the password for the mirror, as a JSON object.
   *
   * @default - the mirror is open to everybody, or one of Amazon ECR
   */
  readonly credentials?: secretsmanager.ISecret;
}
