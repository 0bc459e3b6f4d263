import { BuildReport, cachedSteps, CacheReport, ImageReport, secondsOf } from './build-report';
import { Content, Html, html } from './html';
import { count, duration, percent, size } from './in-words';
import { layersInWords, layersTable } from './layers-table';
import { icon, imageState } from './states';
import { stepsTable } from './steps-table';
import { causeOf } from './troubles';

export interface ImageSection {
  readonly image: ImageReport;
  /** The place of the image in its report. */
  readonly index: number;
  readonly build: BuildReport;
  readonly isOpen: boolean;
}

/** All that is known of an image: a line of it, and the rest when it is opened. */
export function imageSection({ image, index, build, isOpen }: ImageSection): Html {
  const { name, steps = [], layers = [], failure } = image;
  const state = imageState(image);
  const { cached, all } = cachedSteps(image);
  return html`
<details class="image ${state.icon}" id="${anchorOf(index)}"${isOpen ? html` open` : undefined}>
<summary>
  <h4>${icon(state.icon)} <bdi>${name}</bdi></h4>
  <span class="gist"><span class="hidden">${state.word}</span> ${gistOf(image)}</span>
  <span class="from-cache">${all > 0 ? `${cached} of ${count(all, 'step')} cached` : undefined}</span>
  ${span(image, build)}
  <span class="number">${secondsOf(image) === 0 ? undefined : duration(secondsOf(image))}</span>
</summary>
<div class="body">
${failure === undefined ? undefined : html`<div class="failure"><h5>Why it failed</h5><p class="said">${failure}</p></div>`}
${firstRun(image)}
${steps.length === 0 ? undefined : html`<h5>Steps <span class="quiet">${cached} of ${all} from the cache, ${percent(cached / all)}</span></h5>${stepsTable(name, steps)}`}
${layers.length === 0 ? undefined : html`<h5>Layers <span class="quiet">${layersInWords(layers)}</span></h5>${layersTable(name, layers)}`}
<h5>Details</h5>
${list([
  ['Image', html`<code>${image.repository}:${image.tag}</code>`],
  ['Digest', image.digest === undefined ? undefined : html`<code>${image.digest}</code>`],
  ...cacheOf(image.cache),
  ['Copies', image.copies],
  ['Pulled', bytes(image.pulledBytes)],
  ['Pushed', bytes(image.pushedBytes)],
  ['Time', phasesInWords(image.phases)],
])}
</div>
</details>`;
}

/** Of layers. */
function bytes(number: number | undefined): string | undefined {
  return number === undefined ? undefined : number === 0 ? 'nothing' : `${size(number)} of layers`;
}

/** What took time, with the time. */
export function phasesInWords(phases: { readonly [phase: string]: number }): string | undefined {
  const long = Object.entries(phases).filter(([, seconds]) => seconds >= 0.05);
  return long.length === 0 ? undefined : long.map(([phase, seconds]) => `${phase} ${duration(seconds)}`).join(', ');
}

/** What one wants to know of an image without opening it. */
function gistOf({ failure, firstRun: first, steps = [], result }: ImageReport): Content {
  if (failure !== undefined) return causeOf(failure);
  if (first) return inCode(first.reasons.map(({ text }) => text).join(', and '));
  if (steps.length > 0 && steps.every(({ state }) => state !== 'run')) return 'all from the cache';
  return result.startsWith('built by') ? result : undefined;
}

/** A link to the image leads to it. */
export function anchorOf(index: number): string {
  return `image-${index + 1}`;
}

/** Names with what is known of each; of what is not known, nothing. */
export function list(entries: readonly (readonly [name: string, content: Content])[]): Html {
  return html`<dl class="details">${entries.map(([name, content]) => content === undefined ? undefined : html`<div><dt>${name}</dt><dd>${content}</dd></div>`)}</dl>`;
}

function firstRun({ firstRun: first, steps = [] }: ImageReport): Html | undefined {
  if (first) {
    const reasons = first.reasons.map(({ text }) => text).join(', and ');
    return html`<div class="reason"><h5>Why the first step ran</h5><p class="said">${inCode(reasons)}</p>
<p class="quiet"><code>${first.step}</code>${first.line === undefined ? undefined : html` <span class="line">in line ${first.line}</span>`}</p></div>`;
  }
  return steps.length > 0 && steps.every(({ state }) => state !== 'run') ? html`<div class="reason"><p>Each step came from the cache.</p></div>` : undefined;
}

/** What the report puts between backticks is the name of something. */
function inCode(text: string): Content {
  return text.split(/`([^`]*)`/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

function cacheOf(cache: CacheReport | undefined): [string, Content][] {
  if (!cache) return [];
  const { read, unread, written, writtenTo, failure } = cache;
  const asked = unread ? `not read: ${unread}` : read?.map(({ from, error }) => html`<span class="entry"><code>${from}</code>${error === undefined ? undefined : html`: ${error}`}</span>`);
  const kept = failure !== undefined ? `not written: ${failure}` : written === false ? 'not needed, only copies are new' : written ? html`<code>${writtenTo}</code>` : undefined;
  return [['Cache read', asked?.length === 0 ? undefined : asked], ['Cache written', kept]];
}

/** When it was built, on the time of the whole build. */
function span(image: ImageReport, build: BuildReport): Html {
  if (image.startedAt === undefined || build.startedAt === undefined || build.seconds === 0) return html`<span class="span"></span>`;
  const start = Math.max(0, (Date.parse(image.startedAt) - Date.parse(build.startedAt)) / 1000);
  const [x, width] = [start, secondsOf(image)].map((seconds) => Math.min(1, seconds / build.seconds) * 1000);
  return html`<svg class="span bars" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect x="${Math.min(x, 992).toFixed(1)}" y="1" width="${Math.max(8, Math.min(width, 1000 - x)).toFixed(1)}" height="8"/></svg>`;
}
