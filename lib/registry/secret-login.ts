import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ecrRegistry, SecretLogin } from './registry-access';
import { RegistryLoginFields } from './registry-login-fields';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/** Raises an error when the registry takes no password of a user, or a field cannot be the name of one. */
export function secretLogin(caller: string, registry: string, secret: secretsmanager.ISecret, fields: RegistryLoginFields): SecretLogin {
  if (ecrRegistry(registry)) {
    throw new Error(`${caller}: ${registry} takes no login from a secret, since Amazon ECR lets in the role of the build; leave the secret out, or use RegistryLogin.ecr()`);
  }
  const login = { secret, usernameField: fields.usernameField ?? 'username', passwordField: fields.passwordField ?? 'password' };
  for (const name of ['usernameField', 'passwordField'] as const) {
    if (!isKnownAtSynthesis(login[name]) || !/^[^:\s]+$/.test(login[name])) {
      throw new Error(`${caller}: ${name} must be a field of the secret, without colons and spaces, known at synthesis, got ${JSON.stringify(login[name])}; for example 'password'`);
    }
  }
  return login;
}
