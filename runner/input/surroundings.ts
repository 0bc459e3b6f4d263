import { ImagePlan, PLACEHOLDERS } from '../../lib/plan/image-plan';
import { runProgram } from '../process/run-program';
import { Failure } from '../report/failure';

/** Where a build runs: what stands for the placeholders of plans. */
export interface Surroundings {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

/** How domains of AWS end, by partition. */
const URL_SUFFIXES: { readonly [partition: string]: string } = {
  'aws-cn': 'amazonaws.com.cn',
  'aws-iso': 'c2s.ic.gov',
  'aws-iso-b': 'sc2s.sgov.gov',
  'aws-iso-e': 'cloud.adc-e.uk',
  'aws-iso-f': 'csp.hci.ic.gov',
  'aws-eusc': 'amazonaws.eu',
};

/** Finds out where this build runs: CodeBuild says so; elsewhere the AWS CLI does. */
export async function findSurroundings(env: NodeJS.ProcessEnv): Promise<Surroundings> {
  const [, partition, region, account] = /^arn:([^:]+):codebuild:([^:]+):(\d{12}):/.exec(env.CODEBUILD_BUILD_ARN ?? '') ?? [];
  if (account) return { account, region, partition };
  const given = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (!given) throw new Failure('the region is not known: set AWS_REGION to the region of the image\'s repository');
  const identity = await runProgram('aws', ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'], { env, timeout: 60_000 });
  const [, ofCaller, id] = /^arn:([^:]+):(?:sts|iam)::(\d{12}):/.exec(identity.stdout.trim()) ?? [];
  if (!id) throw new Failure(`the account is not known, since 'aws sts get-caller-identity' gave no answer: ${identity.reason || 'no ARN'}`);
  return { account: id, region: given, partition: ofCaller };
}

/** A text of a plan with its placeholders filled in. */
export function fillIn(text: string, { account, region, partition }: Surroundings): string {
  return text
    .replaceAll(PLACEHOLDERS.account, account)
    .replaceAll(PLACEHOLDERS.region, region)
    .replaceAll(PLACEHOLDERS.partition, partition)
    .replaceAll(PLACEHOLDERS.urlSuffix, URL_SUFFIXES[partition] ?? 'amazonaws.com');
}

/** The same for one text, wherever this build runs. */
export async function filledIn(text: string, env: NodeJS.ProcessEnv): Promise<string> {
  return hasPlaceholder(text) ? fillIn(text, await findSurroundings(env)) : text;
}

/** What fills in the addresses of plans. Where this build runs is found out only if one of them does not say it. */
export async function addressFiller(plans: readonly Pick<ImagePlan, 'repository' | 'cacheRepository'>[], env: NodeJS.ProcessEnv): Promise<(address: string) => string> {
  const isUnknown = plans.some(({ repository, cacheRepository = '' }) => hasPlaceholder(repository) || hasPlaceholder(cacheRepository));
  const surroundings = isUnknown ? await findSurroundings(env) : undefined;
  return (address) => (surroundings ? fillIn(address, surroundings) : address);
}

export function hasPlaceholder(text: string): boolean {
  return Object.values(PLACEHOLDERS).some((placeholder) => text.includes(placeholder));
}
