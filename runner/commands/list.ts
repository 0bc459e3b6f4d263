import { findAssembly } from './find-assembly';
import { KnownImage, knownImages } from './known-images';
import { app, json, printJson } from './options';
import { DefineCommand, Session } from './session';
import { CachePlace, LayerCache, NOBODY } from '../cache/layer-cache';
import { WrittenCache, writtenCache } from '../cache/written-cache';
import { allPlans, planFiles } from '../input/read-plan';
import { Access, access } from '../registry/access';
import { reasonOf } from '../report/failure';
import { megabytes } from '../report/megabytes';
import { minute } from '../report/minute';
import { table } from '../report/table';

interface Options {
  readonly app?: string;
  readonly json?: boolean;
}

/** The JSON text is raised with a change that programs have to know of. What is only new does not raise it. */
const LIST_VERSION = 1;

/** What is said of one image. What is not known is left out. */
interface ListedImage {
  readonly name: string;
  readonly plan: string;
  readonly tag?: string;
  readonly repository?: string;
  readonly inRepository?: boolean;
  readonly digest?: string;
  /** Where its layers are kept. */
  readonly keptIn?: 'registry' | 'bucket' | 'image' | 'builder' | 'nowhere';
  /** The layer cache, if it is in a registry. */
  readonly cache?: CachePlace & { readonly written?: boolean } & Partial<WrittenCache>;
  /** What could not be found out, and why. */
  readonly problems: readonly string[];
}

export const list: DefineCommand = (program, session, end) => {
  program.command('list')
    .summary('show the images of the app, and which are in their repositories')
    .description('Shows each image of the app: its tag, its repository, its layer cache, and which of them are there. Asks the registry with your credentials, and changes nothing.')
    .addOption(app())
    .addOption(json())
    .action(async (options: Options) => end(await run(options, session)));
};

async function run(options: Options, session: Session): Promise<number> {
  const { env, log } = session;
  const assembly = findAssembly(session, options.app);
  const known = await knownImages(assembly, planFiles(assembly), env);
  const registries = access(assembly, env, log);
  const images = await Promise.all(known.map(async (image) => listed(image, registries)));
  if (options.json) printJson(session, { version: LIST_VERSION, assembly, images });
  else lines(images, assembly).forEach((line) => log.line(line));
  const { withoutTag } = allPlans(assembly); // as it has to be outside a pipeline
  return images.every(({ problems, plan }) => problems.length === 0 || withoutTag.includes(plan)) ? 0 : 1;
}

async function listed({ name, file, image, problem }: KnownImage, { cacheOf, client }: Access): Promise<ListedImage> {
  const problems = problem === undefined ? [] : [problem];
  if (!image) return { name, plan: file, problems };
  const { plan, cached } = image;
  if (!cached) return { name, plan: file, tag: plan.tag, problems };
  const ask = async <T>(question: () => Promise<T>) => {
    try {
      return { answer: await question() };
    } catch (error) {
      problems.push(reasonOf(error));
      return undefined;
    }
  };
  const [found, cache] = await Promise.all([ask(async () => (await client(cached.repository)).manifest(plan.tag)), ask(async () => cacheOf(file))]);
  const place = cache?.answer.manifest(cached);
  const written = place && await ask(async () => writtenCache(await client(place.repository), place));
  return {
    name,
    plan: file,
    tag: plan.tag,
    repository: cached.repository,
    ...found && { inRepository: found.answer !== undefined, ...found.answer && { digest: found.answer.digest } },
    ...cache && { keptIn: placeOf(cache.answer, place) },
    ...place && { cache: { ...place, ...written && { written: written.answer !== undefined, ...written.answer } } },
    problems: [...new Set(problems)],
  };
}

function placeOf({ isInline, keeper, target }: LayerCache, place: CachePlace | undefined): ListedImage['keptIn'] {
  if (place) return 'registry';
  if (isInline) return 'image';
  if (keeper !== undefined) return 'builder';
  return target(NOBODY) === undefined ? 'nowhere' : 'bucket';
}

function lines(images: readonly ListedImage[], assembly: string): string[] {
  if (images.length === 0) return [`${assembly} has no images: no stack of the app has a CachedDockerImage`];
  const rows = images.map(({ name, inRepository, tag, repository, keptIn, cache }) => [
    name, yesOrNo(inRepository), tag?.slice(0, 12) ?? 'unknown', repository ?? 'unknown', cache ? cacheState(cache) : keptIn === undefined ? 'unknown' : PLACES[keptIn],
  ]);
  const problems = images.flatMap(({ name, problems: own }) => own.map((problem) => `${name}: ${problem}`));
  return [...table(['image', 'there', 'tag', 'repository', 'layer cache'], rows), ...problems.length === 0 ? [] : ['', ...problems]];
}

/** What people are told of layers that are not in a registry. */
const PLACES = { registry: 'unknown', bucket: 'in a bucket', image: 'in the image', builder: 'with its builder', nowhere: 'off' } as const;

function yesOrNo(answer: boolean | undefined): string {
  return answer === undefined ? 'unknown' : answer ? 'yes' : 'no';
}

function cacheState({ written, bytes, writtenAt }: NonNullable<ListedImage['cache']>): string {
  if (written === undefined) return 'unknown';
  if (!written) return 'none yet';
  return `${megabytes(bytes!)}${writtenAt === undefined ? '' : `, written ${minute(writtenAt)}`}`;
}
