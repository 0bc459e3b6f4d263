import { LayerReport } from './build-report';
import { Html, html } from './html';
import { count, size } from './in-words';
import { stepState } from './states';

/** How many layers are shown at once: the others are small. */
const SHOWN = 8;

/** The layers of an image, the largest first. */
export function layersTable(image: string, layers: readonly LayerReport[]): Html {
  const bySize = [...layers].sort((one, other) => other.bytes - one.bytes);
  const [shown, others] = [bySize.slice(0, SHOWN), bySize.slice(SHOWN)];
  const rest = others.length === 0 ? undefined : html`
<details class="more"><summary>${count(others.length, 'smaller layer')}, ${size(total(others))}</summary>
${table(`Smaller layers of ${image}`, others, bySize[0].bytes)}
</details>`;
  return html`${table(`Layers of ${image}, the largest first`, shown, bySize[0]?.bytes ?? 0)}${rest}`;
}

/** What of the image is new, in words. */
export function layersInWords(layers: readonly LayerReport[]): string {
  const all = `${size(total(layers))} in ${count(layers.length, 'layer')}`;
  if (layers.some(({ state }) => state === undefined)) return all;
  const fresh = layers.filter(({ state }) => state === 'run');
  return `${all}, ${fresh.length === 0 ? 'none of them new' : `${size(total(fresh))} of it new`}`;
}

function table(title: string, layers: readonly LayerReport[], largest: number): Html {
  const hasStates = layers.some(({ state }) => state !== undefined);
  return html`
<table class="layers">
  <caption class="hidden">${title}</caption>
  <thead><tr><th scope="col" class="number">Size</th><th scope="col">Layer</th>${hasStates ? html`<th scope="col">State</th>` : undefined}</tr></thead>
  <tbody>${layers.map((layer) => row(layer, largest, hasStates))}</tbody>
</table>`;
}

function row({ digest, bytes, step, line, state }: LayerReport, largest: number, hasState: boolean): Html {
  const name = step ?? digest.slice(0, 19);
  const width = largest === 0 ? 0 : Math.max(bytes / largest * 1000, bytes > 0 ? 4 : 0);
  return html`<tr class="${(state ?? '').split(' ')[0]}">
    <td class="number">${size(bytes)}</td>
    <th scope="row"><div class="split"><span><code>${name.replace(/\s+/g, ' ')}</code>${line === undefined ? undefined : html` <span class="quiet line">line ${line}</span>`}</span><svg class="bars" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect x="0" y="1" width="${width.toFixed(1)}" height="8"/></svg></div></th>
    ${hasState ? html`<td>${state === undefined ? undefined : stepState(state)}</td>` : undefined}
  </tr>`;
}

function total(layers: readonly LayerReport[]): number {
  return layers.reduce((sum, { bytes }) => sum + bytes, 0);
}
