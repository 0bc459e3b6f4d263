import { choosePlans } from './choose-plans';
import { findAssembly } from './find-assembly';
import { app, json, printJson } from './options';
import { DefineCommand, Session } from './session';
import { CachePlace, LayerCache } from '../cache/layer-cache';
import { writtenCache } from '../cache/written-cache';
import { restoreContext } from '../image/context';
import { findJobs } from '../image/find-jobs';
import { cachedImage, ImageJob } from '../image/image-job';
import { parseDockerfile } from '../image/parse-dockerfile';
import { baseImagesNow } from '../reason/base-images-now';
import { buildInputs } from '../reason/build-inputs';
import { Difference, differences } from '../reason/differences';
import { foresee, Foresight, withoutCache } from '../reason/foresee';
import { Reason, sentenceOf } from '../reason/reason';
import { recordStore } from '../record/record-store';
import { Access, access } from '../registry/access';
import { reasonOf } from '../report/failure';
import { minute } from '../report/minute';
import { pairs } from '../report/pairs';

interface Options {
  readonly app?: string;
  readonly json?: boolean;
}

/** Raised with a change that programs have to know of. What is only new does not raise it. */
const EXPLAIN_VERSION = 1;

/** How many differences people are shown. */
const SHOWN = 40;

/** What a build would do with an image, and why. What is not known is left out. */
interface Explained {
  readonly inRepository: boolean;
  readonly digest?: string;
  /** The last build, as far as it has left something. */
  readonly lastBuild?: { readonly record: string; readonly cacheWrittenAt?: string };
  readonly firstRun?: Foresight['firstRun'];
  readonly mayRun?: Foresight['mayRun'];
  readonly differences?: readonly Difference[];
  /** What could not be found out, and why. */
  readonly unknown?: readonly string[];
}

export const explain: DefineCommand = (program, session, end) => {
  program.command('explain')
    .summary('say why an image would be built, and which step would run first')
    .description('Says why an image would be built: what is not as it was in the last build, file by file, and which step of its Dockerfile would be the first to run.\nBuilds nothing.')
    .argument('<image>', 'the name of an image, as list shows it, or the file of its plan')
    .addOption(app())
    .addOption(json())
    .action(async (image: string, options: Options) => end(await run(image, options, session)));
};

async function run(name: string, options: Options, session: Session): Promise<number> {
  const { env: ownEnv, log } = session;
  const input = findAssembly(session, options.app);
  const plans = choosePlans(input, [name]);
  const registries = access(input, ownEnv, log);
  const { settings, env: publicEnv } = registries;
  const [job] = await findJobs({ input, plans, settings, env: ownEnv, publicEnv, log, work: session.work() });
  const explained = await explainJob(job, registries);
  const { plan, planFile, repository } = job;
  if (options.json) printJson(session, { version: EXPLAIN_VERSION, name: plan.name, plan: planFile, repository, tag: plan.tag, ...explained });
  else lines(job, explained).forEach((line) => log.line(line));
  return 0;
}

async function explainJob(job: ImageJob, registries: Access): Promise<Explained> {
  const found = await (await registries.client(job.repository)).manifest(job.plan.tag);
  if (found) return { inRepository: true, digest: found.digest };
  const contexts = restoreContext(job);
  const dockerfile = parseDockerfile(job);
  const cache = await registries.cacheOf(job.planFile);
  const { missing, writtenAt } = await findCache(job, cache, registries);
  const before = missing?.kind === 'unread-cache' ? undefined : await newestBuild(job, cache, registries);
  if (!before) return { inRepository: false, ...missing && withoutCache({ job, dockerfile }, missing) };

  const { digests: baseImages, unknown: ofBases } = await baseImagesNow(job, before.inputs, registries.env);
  const build = { job, dockerfile, builtDockerfile: dockerfile, contexts, baseImages };
  const now = buildInputs(build);
  const unknown = [...ofBases, ...before.cacheFailed ? ['which steps the layer cache has: the last build could not write it'] : []];
  return {
    inRepository: false,
    lastBuild: { record: before.record, ...writtenAt !== undefined && { cacheWrittenAt: writtenAt } },
    ...missing ? withoutCache(build, missing) : foresee(build, now, before.inputs),
    differences: differences(build, now, before.inputs),
    ...unknown.length > 0 && { unknown },
  };
}

/** When the layer cache was written, or why no step can come from it. */
async function findCache(job: ImageJob, cache: LayerCache, { client }: Access): Promise<{ readonly missing?: Reason; readonly writtenAt?: string }> {
  const image = cachedImage(job);
  if (cache.keeper !== undefined) return {}; // which nobody can ask
  if (!cache.isInline && cache.sources(image).length === 0) return { missing: { kind: 'no-cache', text: 'the image has no layer cache' } };
  const places = cache.readPlaces(image);
  let problem: string | undefined;
  const answers = await Promise.all(places.map(async (place) => {
    try {
      return await writtenCache(await client(place.repository), place);
    } catch (error) {
      problem = reasonOf(error);
      return undefined;
    }
  }));
  const found = answers.find((answer) => answer !== undefined);
  if (found || places.length === 0) return { writtenAt: found?.writtenAt }; // a bucket is not asked
  if (problem !== undefined) return { missing: { kind: 'unread-cache', text: `the cache cannot be read: ${problem}` } };
  return { missing: { kind: 'empty-cache', text: 'nothing is in the cache' } };
}

/** What the newest build has left; undefined where none has left anything. */
async function newestBuild(job: ImageJob, cache: LayerCache, { client }: Access) {
  const places = cache.records(cachedImage(job)) ?? [];
  const registries = new Map(await Promise.all(places.map(async ({ repository }) => [repository, await client(repository)] as const)));
  const records = await recordStore(job, cache, { client: (repository) => registries.get(repository)! })?.read() ?? [];
  const index = records.findIndex(({ lastBuild }) => lastBuild?.inputs !== undefined);
  if (index < 0) return undefined;
  const { inputs, cacheFailed } = records[index].lastBuild!;
  return { record: nameOf(places[index]), inputs: inputs!, cacheFailed };
}

function nameOf({ repository, tag }: CachePlace): string {
  return `${repository}:${tag}`;
}

function lines(job: ImageJob, explained: Explained): string[] {
  const { inRepository, digest, lastBuild: last, firstRun, mayRun = [], differences: all = [], unknown = [] } = explained;
  const { plan, repository } = job;
  const image = ['image', `${repository}:${plan.tag}`] as const;
  if (inRepository) return pairs([image, ['digest', digest!], ['build', 'not needed: its tag is in the repository']]);
  const [first, ...rest] = [...all.slice(0, SHOWN).map(({ text }) => text), ...all.length > SHOWN ? [`and ${all.length - SHOWN} more, which --json shows`] : []];
  return pairs([
    image,
    ['build', 'needed: its tag is not in the repository'],
    ['last build', last ? `left ${last.record}${last.cacheWrittenAt === undefined ? '' : `; the layer cache was written ${minute(last.cacheWrittenAt)}`}` : firstRun ? 'has left nothing to compare with' : 'has left nothing to compare with, so nobody can say which step would run first'],
    ...firstRun ? [['first run', sentenceOf(firstRun)] as const] : last ? [['first run', 'nothing that is known makes a step run'] as const] : [],
    ...mayRun.map((step, index) => [index === 0 ? 'before it' : '', `perhaps ${sentenceOf(step)}`] as const),
    ...last ? [['changed', first ?? 'nothing'] as const, ...rest.map((text) => ['', text] as const)] : [],
    ...unknown.map((text, index) => [index === 0 ? 'not known' : '', text] as const),
  ]);
}
