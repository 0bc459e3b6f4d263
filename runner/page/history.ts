import { BuildReport, cachedStepsOfBuild, isFailed, isThere } from './build-report';
import { Html, html } from './html';
import { duration, moment, percent, shortMoment, size } from './in-words';
import { Icon, icon } from './states';

/** How many builds the charts have: more would be too narrow on a phone. */
const SHOWN = 60;

/** How builds went over time, the oldest first. */
export function history(builds: readonly BuildReport[]): Html {
  if (builds.length < 2) return html`<p class="quiet">This page was made of one report. Given several, it shows here how long builds took and how much of them came from the cache.</p>`;
  const shown = builds.slice(-SHOWN);
  const longest = Math.max(...shown.map(({ seconds }) => seconds));
  const shares = shown.map(shareOf);
  const known = shares.filter((share): share is number => share !== undefined);
  const marks = shown.length <= 30 ? html`<div class="marks" aria-hidden="true">${shown.map((build) => html`<span>${icon(outcomeOf(build).icon)}</span>`)}</div>` : undefined;
  const range = html`<div class="range" aria-hidden="true"><span>${label(shown[0])}</span><span>${label(shown[shown.length - 1])}</span></div>`;
  return html`
${builds.length > SHOWN ? html`<p class="quiet">The charts show the last ${SHOWN} of ${builds.length} builds.</p>` : undefined}
<div class="charts">
<figure><figcaption>Time of a build <span class="quiet">up to ${duration(longest)}</span></figcaption>
${chart(shown, shown.map(({ seconds }) => longest === 0 ? 0 : seconds / longest), `Time of ${shown.length} builds: from ${duration(Math.min(...shown.map(({ seconds }) => seconds)))} to ${duration(longest)}, the last one ${duration(shown[shown.length - 1].seconds)}. The table has all of them.`)}
${marks}${range}</figure>
<figure><figcaption>Steps from the cache <span class="quiet">up to 100%</span></figcaption>
${chart(shown, shares, known.length === 0 ? 'None of the builds had a step.' : `Steps from the cache in ${shown.length} builds: from ${percent(Math.min(...known))} to ${percent(Math.max(...known))}. The table has all of them.`)}
${marks}${range}</figure>
</div>
<details class="more"><summary>All ${builds.length} builds as a table</summary>
<table class="builds">
  <caption class="hidden">All builds, the newest first</caption>
  <thead><tr><th scope="col">Build</th><th scope="col">Result</th><th scope="col" class="number">Time</th><th scope="col" class="number">Cached</th><th scope="col" class="number">Pulled</th></tr></thead>
  <tbody>${[...builds].reverse().map(row)}</tbody>
</table></details>`;
}

function row(build: BuildReport): Html {
  const { startedAt, seconds, pulledBytes } = build;
  const { icon: name, word } = outcomeOf(build);
  const share = shareOf(build);
  return html`<tr><th scope="row">${startedAt === undefined ? 'not known' : moment(startedAt)}</th><td><span class="state">${icon(name)} ${word}</span></td><td class="number">${duration(seconds)}</td><td class="number">${share === undefined ? 'no steps' : percent(share)}</td><td class="number">${pulledBytes === undefined ? 'unknown' : size(pulledBytes)}</td></tr>`;
}

function chart(builds: readonly BuildReport[], shares: readonly (number | undefined)[], alternative: string): Html {
  const width = builds.length < 8 ? 4 : 7; // of 10
  const bars = shares.map((share, index) => {
    if (share === undefined) return undefined;
    const height = Math.max(1, share * 100);
    return html`<rect class="${outcomeOf(builds[index]).icon}" x="${index * 10 + (10 - width) / 2}" y="${(100 - height).toFixed(1)}" width="${width}" height="${height.toFixed(1)}"/>`;
  });
  return html`<svg class="chart" viewBox="0 0 ${builds.length * 10} 100" preserveAspectRatio="none" role="img" aria-label="${alternative}">${bars}</svg>`;
}

/** What became of a build, in words. */
function outcomeOf({ images }: BuildReport): { readonly icon: Icon; readonly word: string } {
  const failed = images.filter(isFailed).length;
  const built = images.filter((image) => !isFailed(image) && !isThere(image)).length;
  if (failed > 0) return { icon: 'failed', word: `${failed} failed, ${built} built` };
  return built > 0 ? { icon: 'done', word: `${built} built` } : { icon: 'there', word: 'all there' };
}

function shareOf(build: BuildReport): number | undefined {
  const { cached, all } = cachedStepsOfBuild(build);
  return all === 0 ? undefined : cached / all;
}

function label({ startedAt }: BuildReport): string {
  return startedAt === undefined ? 'not known' : shortMoment(startedAt);
}
