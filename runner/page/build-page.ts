import { createHash } from 'crypto';
import { BuildReport, cachedStepsOfBuild, ImageReport, isFailed, isThere } from './build-report';
import { history } from './history';
import { Content, Html, html } from './html';
import { anchorOf, imageSection, list, phasesInWords } from './image-section';
import { count, duration, moment, percent, size } from './in-words';
import { icon } from './states';
import { STYLE } from './style';
import { troublesOf } from './troubles';

/** Nothing is loaded and nothing is run, whatever the reports hold. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** How many images are shown opened: with more, one looks for an image by its name. */
const OPENED = 3;

/** A page that works without a network: the newest build in full, and all of them as its history. */
export function buildPage(reports: readonly BuildReport[]): string {
  // A report without a time is older than those with one. Sorting keeps the order of equal ones.
  const builds = [...reports].sort((one, other) => timeOf(one) - timeOf(other));
  const newest = builds[builds.length - 1];
  const title = newest.startedAt === undefined ? 'A build' : `Build of ${moment(newest.startedAt)}`;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<p class="quiet">Container images</p>
<h1>${title}</h1>
<p class="lead">${sentence(newest.images)}</p>
${figures(newest)}
<nav aria-label="Parts of the page"><a href="#images">Images</a> <a href="#history">History</a> <a href="#build">Build</a></nav>
</header>
<main>
${troubles(newest.images)}
<section aria-labelledby="images"><h2 id="images">Images</h2>${imageGroups(newest)}</section>
<section aria-labelledby="history"><h2 id="history">History</h2>${history(builds)}</section>
<section aria-labelledby="build"><h2 id="build">Build</h2>
${list([
  ['Builder', newest.builder ?? 'none, since nothing had to be built'],
  ['Base images', newest.baseImages],
  ['Time', phasesInWords(newest.phases)],
])}
</section>
</main>
<footer><p>Made by cdk-cached-docker-build from report.json. Times are those of the build, in UTC.</p></footer>
</body>
</html>
`.text;
}

function timeOf({ startedAt }: BuildReport): number {
  return startedAt === undefined ? 0 : Date.parse(startedAt);
}

/** What became of how many images. */
function sentence(images: readonly ImageReport[]): Html {
  const failed = images.filter(isFailed).length;
  const there = images.filter((image) => isThere(image) && !isFailed(image)).length;
  const built = images.length - failed - there;
  const parts = [
    ...failed > 0 ? [`${failed} failed`] : [],
    ...built > 0 ? [`${built} ${built === 1 ? 'was' : 'were'} built`] : [],
    ...there > 0 ? [`${there} ${there === 1 ? 'was' : 'were'} already there`] : [],
  ];
  if (images.length === 1) return html`<bdi>${images[0].name}</bdi> ${failed > 0 ? 'failed' : built > 0 ? 'was built' : 'was already there'}.`;
  return html`${count(images.length, 'image')}${parts.length === 0 ? '' : ': '}${parts.join(', ')}.`;
}

function figures(build: BuildReport): Html {
  const { seconds, images, pulledBytes, pushedBytes } = build;
  const { cached, all } = cachedStepsOfBuild(build);
  const nothing = images.every(isThere) ? 'None needed' : 'Unknown';
  const moved = (bytes: number | undefined) => (bytes === undefined ? nothing : bytes === 0 ? 'None' : size(bytes));
  const entries: [name: string, value: string, more?: string][] = [
    ['Time', duration(seconds)],
    ['Steps from the cache', all === 0 ? nothing : percent(cached / all), all === 0 ? undefined : `${cached} of ${all}`],
    ['Layers pulled', moved(pulledBytes)],
    ['New layers pushed', moved(pushedBytes)],
  ];
  return html`<dl class="figures">${entries.map(([name, value, more]) => html`<div><dt>${name}</dt><dd>${value}${more === undefined ? undefined : html` <span class="quiet">${more}</span>`}</dd></div>`)}</dl>`;
}

function troubles(images: readonly ImageReport[]): Html | undefined {
  const found = images.flatMap((image, index) => troublesOf(image).map((text) => ({ image, index, text })));
  if (found.length === 0) return undefined;
  return html`<section class="troubles" aria-labelledby="troubles"><h2 id="troubles">Needs attention</h2>
<ul>${found.map(({ image, index, text }) => html`<li><a href="#${anchorOf(index)}"><bdi>${image.name}</bdi></a> ${shortened(text)}</li>`)}</ul></section>`;
}

/** In full, it is with its image. */
function shortened(text: string): string {
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}

/** What failed comes first, and what was there comes last. */
function imageGroups(build: BuildReport): Content {
  const all = build.images.map((image, index) => ({ image, index }));
  const groups = [
    { title: 'Failed', members: all.filter(({ image }) => isFailed(image)) },
    { title: 'Built', members: all.filter(({ image }) => !isFailed(image) && !isThere(image)) },
    { title: 'Already there', members: all.filter(({ image }) => !isFailed(image) && isThere(image)) },
  ].filter(({ members }) => members.length > 0);
  let opened = 0;
  return groups.map(({ title, members }) => html`
<h3>${icon(title === 'Failed' ? 'failed' : title === 'Built' ? 'done' : 'there')} ${title} <span class="quiet">${members.length}</span></h3>
${members.map(({ image, index }) => imageSection({ image, index, build, isOpen: (all.length <= OPENED || title === 'Failed') && opened++ < OPENED }))}`);
}
