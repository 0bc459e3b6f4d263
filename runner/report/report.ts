import { imageSteps, pulledBytes, pushedBytes } from './image-steps';
import { megabytes } from './megabytes';
import { pairs } from './pairs';
import { table } from './table';
import { LayerCache, NOBODY } from '../cache/layer-cache';
import { saysMissing } from '../cache/missing-cache';
import { ImageResult } from '../image/image-result';
import { sentenceOf } from '../reason/reason';

/** What a report is about. */
export interface ReportContent {
  readonly startedAt: Date;
  readonly results: readonly ImageResult[];
  /** Undefined when no builder was needed. */
  readonly builder?: string;
  /** Where base images came from, if there are mirrors. */
  readonly baseImages?: string;
  readonly cache: LayerCache;
  /** Where layers stay by themselves. */
  readonly keeper?: string;
  /** What the build did for all images, in milliseconds. */
  readonly phases: { readonly [phase: string]: number };
  readonly total: number;
}

/** What the build did, in a few lines: one image line by line, several as a table. */
export function report(content: ReportContent): string[] {
  const { results, builder, baseImages, total } = content;
  const general: [string, string][] = [
    ['builder', builder ?? 'none'],
    ...baseImages === undefined ? [] : [['base images', builder === undefined ? 'not needed' : baseImages] as [string, string]],
  ];
  const title = ['', '--- cached docker build ---'];
  if (results.length === 1) {
    const [result] = results;
    const row = rowOf(result, content);
    return [...title, ...pairs([
      ['image', `${result.job.repository}:${result.job.plan.tag}`],
      result.loadedAs === undefined ? ['digest', result.digest ?? 'none'] : ['loaded as', result.loadedAs],
      ['result', row.result],
      ...general,
      ['steps', row.steps],
      ...stepsThatRan(result).map((text): [string, string] => ['', text]),
      ...result.firstRun === undefined ? [] : [['first run', sentenceOf(result.firstRun)] as [string, string]],
      ...result.copies === undefined ? [] : [['copies', result.copies] as [string, string]],
      ...traffic(results),
      ['cache read', row.read],
      ['cache written', row.written],
      ['time', times({ ...partsOf(content.phases), ...result.phases }, total)],
    ])];
  }
  const rows = results.map((result) => ({ result, row: rowOf(result, content) }));
  return [
    ...title,
    ...pairs([...general, ...traffic(results), ['time', times(content.phases, total)]]),
    '',
    ...table(['image', 'tag', 'result', 'steps', 'cache read', 'cache written', 'seconds'], rows.map(({ result: { job, phases }, row }) => [
      job.plan.name, job.plan.tag.slice(0, 24), row.result, row.steps, short(row.read), short(row.written), seconds(sum(Object.values(phases))),
    ])),
    ...more('loaded as', results, ({ loadedAs }) => loadedAs),
    ...more('first run', results, ({ firstRun }) => firstRun && sentenceOf(firstRun)),
    ...more('copies', results, ({ copies }) => copies),
  ];
}

/** How many steps a report of one image names. */
const NAMED_STEPS = 10;

/** What took its time: the longest ones, in their order. */
function stepsThatRan(result: ImageResult): string[] {
  const ran = imageSteps(result).filter(({ state, milliseconds }) => state === 'run' && milliseconds !== undefined);
  const longest = new Set([...ran].sort((one, other) => other.milliseconds! - one.milliseconds!).slice(0, NAMED_STEPS));
  const named = ran.filter((step) => longest.has(step)).map(({ name, line, milliseconds }) => (
    `${seconds(milliseconds!)} s  ${short(name.replace(/^\[[^\]]*\] /, '').replace(/\s+/g, ' '), 70)}${line === undefined ? '' : ` (line ${line})`}`));
  return ran.length > longest.size ? [...named, `and ${ran.length - longest.size} more`] : named;
}

function traffic(results: readonly ImageResult[]): [string, string][] {
  const all: [string, number | undefined][] = [['pulled', pulledBytes(results)], ['pushed', pushedBytes(results)]];
  return all.flatMap(([name, bytes]): [string, string][] => (bytes === undefined ? [] : [[name, megabytes(bytes)]]));
}

/** What is too long for the other table. */
function more(title: string, results: readonly ImageResult[], textOf: (result: ImageResult) => string | undefined): string[] {
  const rows = results.flatMap((result) => {
    const text = textOf(result);
    return text === undefined ? [] : [[result.job.plan.name, text]];
  });
  return rows.length === 0 ? [] : ['', ...table(['image', title], rows)];
}

/** A reason in a table, which the log has in full. */
function short(text: string, length = 40): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text;
}

/** Of a single image, its own parts say more than the whole. */
function partsOf({ images, ...others }: { readonly [phase: string]: number }): { readonly [phase: string]: number } {
  return others;
}

function rowOf(result: ImageResult, content: ReportContent): { result: string; steps: string; read: string; written: string } {
  const { status, steps = [], failure, digest } = result;
  const isBuilt = status !== 'already there';
  const cached = steps.filter(({ isCached }) => isCached).length;
  return {
    result: failure !== undefined && digest !== undefined ? `${status}, but failed after it` : status,
    steps: isBuilt ? `${cached} cached, ${steps.length - cached} run` : 'none',
    read: isBuilt ? cacheRead(result, content) : 'not needed',
    written: isBuilt ? cacheWritten(result, content) : 'not needed',
  };
}

function cacheRead({ imports = [], steps = [], unreadCache, status }: ImageResult, { cache, keeper }: ReportContent): string {
  if (unreadCache !== undefined) return `no, ${unreadCache}`;
  if (!cache.isInline && cache.sources(NOBODY).length === 0) return keeper === undefined ? 'off' : `what ${keeper} has`;
  const read = [...new Set(imports.filter(({ error }) => error === '').map(({ from }) => from))];
  const failures = imports.map(({ error }) => error).filter((error) => error !== '' && !saysMissing(error));
  if (imports.length === 0) return status === 'failed' ? 'no' : 'unknown';
  // BuildKit does not say when a bucket has none, and kaniko never.
  if (read.some((from) => from === 's3' || from === 'kaniko') && steps.every(({ isCached }) => !isCached)) return 'no, there is none yet or nothing of it fits';
  if (read.length > 0) return imports.length === 1 ? 'yes' : `yes, ${read.join(', ')}`;
  return failures.length === 0 ? 'no, there is none yet' : `no, ${failures[0]}`;
}

function cacheWritten({ cacheFailure, cacheWasComplete, status }: ImageResult, { cache, keeper }: ReportContent): string {
  if (cacheWasComplete) return 'not needed, only copies are new';
  if (cacheFailure !== undefined) return `no, ${cacheFailure}`;
  if (status === 'failed') return 'no';
  if (status === 'built, and not pushed') return 'no, as nothing is pushed';
  if (cache.isInline) return `yes, within the image${cache.stages.length > 0 ? `, and as the stages ${cache.stages.join(' ')}` : ''}`;
  if (cache.target(NOBODY) !== undefined) return 'yes';
  return keeper === undefined ? 'off' : `in ${keeper}`;
}

function times(phases: { readonly [phase: string]: number }, total: number): string {
  return [...Object.entries(phases).map(([phase, taken]) => `${phase} ${seconds(taken)} s`), `total ${seconds(total)} s`].join(', ');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}
