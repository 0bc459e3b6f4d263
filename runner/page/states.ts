import { ImageReport, isFailed, isThere } from './build-report';
import { Html, html } from './html';

/** Each state has a shape and a word of its own, so that nobody needs the color. */
const ICONS = {
  done: html`<circle cx="8" cy="8" r="7"/><path class="mark" d="M4.8 8.3l2.2 2.2 4.3-4.7"/>`,
  failed: html`<path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z"/><path class="mark" d="M5.4 5.4l5.2 5.2m0-5.2l-5.2 5.2"/>`,
  there: html`<circle class="line" cx="8" cy="8" r="6.2"/><path class="line" d="M5 8h6"/>`,
  run: html`<path d="M3.5 2.2v11.6L13.5 8z"/>`,
  cached: html`<circle class="line" cx="8" cy="8" r="5.7"/>`,
  downloaded: html`<path class="line" d="M8 1.8v8m-3.6-3.4L8 10l3.6-3.6M2.5 13.8h11"/>`,
  base: html`<path class="line" d="M2 5.2h12v8.3H2zM4.5 2.4h7"/>`,
};

export type Icon = keyof typeof ICONS;

export function icon(name: Icon): Html {
  return html`<svg class="icon ${name}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">${ICONS[name]}</svg>`;
}

/** What became of an image, in words. */
export function imageState(image: ImageReport): { readonly icon: Icon; readonly word: string } {
  const word = WORDS[image.result] ?? image.result;
  if (isFailed(image)) return { icon: 'failed', word: image.result === 'failed' ? 'Failed' : `${word}, but failed after it` };
  return { icon: isThere(image) ? 'there' : 'done', word };
}

const WORDS: { readonly [result: string]: string | undefined } = {
  'already there': 'Already there',
  'built': 'Built',
  'built by another build at the same time': 'Built by another build',
  'built, and not pushed': 'Built, not pushed',
};

/** What became of a step, or of a layer by its step. */
export function stepState(state: string): Html {
  const [name, word] = STEPS[state] ?? ['run', state];
  return html`<span class="state">${icon(name)} ${word}</span>`;
}

const STEPS: { readonly [state: string]: readonly [Icon, string] | undefined } = {
  'run': ['run', 'Run'], 'cached': ['cached', 'Cached'], 'downloaded': ['downloaded', 'Downloaded'], 'base image': ['base', 'Base image'],
};
