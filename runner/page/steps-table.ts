import { StepReport } from './build-report';
import { Html, html } from './html';
import { duration } from './in-words';
import { stepState } from './states';

/** The steps of an image in the order of the Dockerfile: what became of each, when, and how long it took. */
export function stepsTable(image: string, steps: readonly StepReport[]): Html {
  const end = Math.max(0, ...steps.flatMap(({ times = [] }) => times.map(({ start, seconds }) => start + seconds)));
  const stages = stagesOf(steps);
  return html`
<table class="steps">
  <caption class="hidden">Steps of the Dockerfile of ${image}</caption>
  <thead><tr>
    <th scope="col" class="number">Line</th>
    <th scope="col"><div class="split"><span>Step</span>${end > 0 ? html`<span class="axis"><span>0 s</span><span>${duration(end)}</span></span>` : undefined}</div></th>
    <th scope="col">State</th><th scope="col" class="number">Time</th>
  </tr></thead>
  ${stages.map(({ name, steps: own }) => html`<tbody>
    ${stages.length > 1 ? html`<tr class="stage"><th scope="rowgroup" colspan="4">${stageName(name)}</th></tr>` : undefined}
    ${own.map((step) => row(step, end))}
  </tbody>`)}
</table>
${steps.some(({ state }) => state === 'downloaded') ? html`<p class="note">Downloaded: the cache had it, and a later step needed its files.</p>` : undefined}`;
}

function row({ name, line, state, seconds, times }: StepReport, end: number): Html {
  const text = name.replace(/^\[[^\]]*\] /, '').replace(/\s+/g, ' ');
  return html`<tr class="${state}">
      <td class="number">${line ?? html`<span class="hidden">of the base image</span>`}</td>
      <th scope="row"><div class="split"><code>${text}</code>${end > 0 ? bars(times ?? [], end) : undefined}</div></th>
      <td>${stepState(state)}</td>
      <td class="number">${seconds === undefined ? 'unknown' : seconds === 0 && state === 'cached' ? html`<span aria-hidden="true">–</span><span class="hidden">none</span>` : duration(seconds)}</td>
    </tr>`;
}

/** How wide the time of all steps is drawn. */
const WIDTH = 1000;

/** No bar is narrower, so that each can be seen. */
const NARROWEST = 4;

function bars(times: NonNullable<StepReport['times']>, end: number): Html {
  const drawn = times.map(({ start, seconds }) => {
    const width = Math.max(NARROWEST, seconds / end * WIDTH);
    return html`<rect x="${Math.min(start / end * WIDTH, WIDTH - width).toFixed(1)}" y="1" width="${width.toFixed(1)}" height="8"/>`;
  });
  const alternative = times.length === 0 ? html`aria-hidden="true"` : html`role="img" aria-label="${inWords(times)}"`;
  return html`<svg class="bars" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" ${alternative}>${drawn}</svg>`;
}

function inWords(times: NonNullable<StepReport['times']>): string {
  const [first] = times;
  const last = times[times.length - 1];
  return `from ${duration(first.start)} to ${duration(last.start + last.seconds)}`;
}

/** BuildKit calls a stage without a name `stage-1`, if it is the second one. */
function stageName(name: string): Html {
  const [, index] = /^stage-(\d{1,4})$/.exec(name) ?? [];
  return index === undefined ? html`Stage <bdi>${name}</bdi>` : html`Stage ${Number(index) + 1}`;
}

/** Steps that follow each other and are of the same stage. */
function stagesOf(steps: readonly StepReport[]): { readonly name: string; readonly steps: StepReport[] }[] {
  const stages: { readonly name: string; readonly steps: StepReport[] }[] = [];
  for (const step of steps) {
    const [, name = ''] = /^\[(?:[^\] ]*\/[^\] ]* )?(?:([^\] /]+) )? *\d+\/\d+\] /.exec(step.name) ?? [];
    if (stages[stages.length - 1]?.name !== name) stages.push({ name, steps: [] });
    stages[stages.length - 1].steps.push(step);
  }
  return stages;
}
