import { Finding, ok, problem, warn } from './finding';
import { runProgram } from '../process/run-program';

/** Who this user is for AWS. */
export async function checkCredentials(env: NodeJS.ProcessEnv): Promise<Finding> {
  const { ok: works, isMissing, stdout, reason } = await runProgram('aws', ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'], { env, timeout: 60_000 });
  if (isMissing) {
    return warn('credentials', 'there is no AWS CLI on the PATH, so nobody can say who you are for AWS', 'install the AWS CLI; docker-credential-ecr-login alone is enough for builds whose stack has an explicit `env`');
  }
  const arn = /^arn:\S+$/.exec(stdout.trim())?.[0];
  if (works && arn !== undefined) return ok('credentials', arn);
  return problem('credentials', `there are no credentials for AWS: ${reason || 'the AWS CLI does not say who you are'}`, 'sign in (`aws sso login`), or set AWS_PROFILE');
}
