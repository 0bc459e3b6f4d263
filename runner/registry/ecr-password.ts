import { runProgram } from '../process/run-program';
import { reasonOf } from '../report/failure';

/** The region in the name of a registry of Amazon ECR. */
const REGION = /^[^.]*\.dkr[.-]ecr(?:-fips)?\.([^.]+)\./;

/**
 * The password of user AWS for a registry of Amazon ECR, or why there is none. The credential helper that CodeBuild's images have answers at once;
 * the AWS CLI takes half a second to start.
 */
export async function ecrPassword(host: string, env: NodeJS.ProcessEnv): Promise<{ readonly password?: string; readonly reason: string }> {
  const helper = await runProgram('docker-credential-ecr-login', ['get'], { env: { ...env, AWS_ECR_DISABLE_CACHE: 'true' }, input: `${host}\n`, timeout: 60_000 });
  const secret = helper.ok ? secretOf(helper.stdout) : undefined;
  if (secret) return { password: secret, reason: '' };

  const region = REGION.exec(host)?.[1];
  const cli = await runProgram('aws', ['ecr', 'get-login-password', ...region ? ['--region', region] : []], { env, timeout: 60_000 });
  const password = cli.stdout.trim();
  if (cli.ok && password !== '') return { password, reason: '' };
  return { reason: cli.isMissing ? `neither the ECR credential helper (${reasonOf(helper.reason)}) nor the AWS CLI answered` : reasonOf(cli.reason || 'the AWS CLI printed none') };
}

function secretOf(text: string): string | undefined {
  try {
    const { Secret } = JSON.parse(text) as { Secret?: unknown };
    return typeof Secret === 'string' && Secret !== '' ? Secret : undefined;
  } catch {
    return undefined;
  }
}
