import { Finding, ok, problem, warn } from './finding';
import { CachePlace } from '../cache/layer-cache';
import { writtenCache } from '../cache/written-cache';
import { runProgram } from '../process/run-program';
import { Access } from '../registry/access';
import { repositoryName } from '../registry/image-name';
import { reasonOf } from '../report/failure';
import { megabytes } from '../report/megabytes';
import { minute } from '../report/minute';

/** A repository, with what the app has for it. */
export interface UsedRepository {
  readonly address: string;
  /** The tags of images that belong into it. */
  readonly tags: readonly string[];
  /** The layer caches in it. */
  readonly caches: readonly CachePlace[];
}

/** What to do about what a registry says. */
const TODO: readonly [RegExp, string][] = [
  [/does not exist/, 'deploy the stack that it is in'],
  [/^there is no password/, 'sign in as somebody who has ecr:GetAuthorizationToken'],
  [/denies access/, 'let this user read it (ecr:BatchGetImage), in its policy as well if it is in another account'],
];

/** Whether a repository is there, takes layer caches, and what is in it. */
export async function checkRepository({ address, tags, caches }: UsedRepository, { client, env }: Access): Promise<Finding[]> {
  try {
    const registry = await client(address);
    const found = await Promise.all([...tags, ...caches.map(({ tag }) => tag)].map(async (tag) => registry.manifest(tag)));
    const there = found.slice(0, tags.length).filter((manifest) => manifest !== undefined).length;
    const text = tags.length === 0 ? 'is there' : `is there, with ${there} of ${tags.length} image${tags.length === 1 ? '' : 's'} of the app`;
    const states = await Promise.all(caches.map(async (place) => checkCache(place, await writtenCache(registry, place))));
    return [ok('repository', `${address} ${text}`), ...caches.length === 0 ? [] : [await checkTags(address, caches, env)], ...states];
  } catch (error) {
    const reason = reasonOf(error);
    return [problem('repository', reason, TODO.find(([pattern]) => pattern.test(reason))?.[1] ?? 'see Troubleshooting in the documentation')];
  }
}

function checkCache({ tag }: CachePlace, written: Awaited<ReturnType<typeof writtenCache>>): Finding {
  if (!written) return ok('layer cache', `${tag} is not there yet; the next build that pushes writes it`);
  return ok('layer cache', `${tag}: ${megabytes(written.bytes)}${written.writtenAt === undefined ? '' : `, written ${minute(written.writtenAt)}`}`);
}

interface Described {
  readonly repositories?: readonly { readonly imageTagMutability?: unknown; readonly imageTagMutabilityExclusionFilters?: unknown }[];
}

/** Whether the tags of layer caches can be set again and again, as each build does. */
async function checkTags(address: string, caches: readonly CachePlace[], env: NodeJS.ProcessEnv): Promise<Finding> {
  const check = 'cache tags';
  const { host, path } = repositoryName(address);
  const [, account, region] = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([^.]+)\./.exec(host) ?? [];
  const unknown = (reason: string) => warn(check, `nobody can say whether ${path} lets tags of layer caches be set again: ${reason}`, 'install the AWS CLI, and allow ecr:DescribeRepositories');
  if (account === undefined) return unknown('it is no repository of Amazon ECR');
  const args = ['ecr', 'describe-repositories', '--repository-names', path, '--registry-id', account, '--region', region, '--output', 'json'];
  const { ok: works, stdout, reason } = await runProgram('aws', args, { env, timeout: 60_000 });
  if (!works) return unknown(reason);
  const { imageTagMutability: mutability, imageTagMutabilityExclusionFilters: filters } = described(stdout)?.repositories?.[0] ?? {};
  if (typeof mutability !== 'string') return unknown('the AWS CLI does not say it');
  const patterns = (Array.isArray(filters) ? filters : []).map((filter: { filter?: unknown } | null) => String(filter?.filter));
  const refused = caches.map(({ tag }) => tag).filter((tag) => mutability.startsWith('IMMUTABLE') !== patterns.some((pattern) => matches(pattern, tag)));
  if (refused.length === 0) return ok(check, `${path} lets ${caches.map(({ tag }) => tag).join(', ')} be set again`);
  return problem(check, `${path} has immutable tags, so ${refused.join(', ')} is written once and never again`, 'exclude cache-* from its immutability, as ImageRepository does, or give the layer cache a repository of its own (CacheRepository)');
}

function described(text: string): Described | undefined {
  try {
    return Object(JSON.parse(text)) as Described;
  } catch {
    return undefined;
  }
}

/** Amazon ECR knows one wildcard. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html */
function matches(pattern: string, tag: string): boolean {
  return new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(tag);
}
