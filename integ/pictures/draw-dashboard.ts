import { DashboardBody, Widget } from './dashboard-body';
import { DAYS, valuesOf } from './made-up-builds';
import { Html, html } from '../../runner/page/html';
import { size } from '../../runner/page/in-words';

/** The size of a cell of the grid. */
const [COLUMN, ROW] = [46, 26];

/** Each line of a graph has a color and a pattern. */
const LINES = [
  { color: '#1f77b4', pattern: undefined }, { color: '#b3541e', pattern: '6 3' }, { color: '#2a7f3f', pattern: '2 3' }, { color: '#7a4fb5', pattern: '9 3 2 3' },
];

/** The dashboard with made-up values, as a picture: where each widget is, and what it shows, is what the dashboard says. */
export function drawDashboard({ widgets }: DashboardBody): string {
  const height = Math.max(...widgets.map(({ y, height: rows }) => y + rows)) * ROW;
  const width = 24 * COLUMN;
  const titles = widgets.map(({ properties: { title } }) => title).join('; ');
  return `${html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#1d2329" role="img" aria-label="A dashboard of two steps with made-up values: ${titles}">
<rect width="${width}" height="${height}" fill="#f2f3f3"/>
${widgets.map(drawWidget)}
</svg>`.text}\n`;
}

interface Line {
  readonly step: string;
  readonly metric: string;
  readonly label: string;
  readonly statistic?: string;
  /** In hours. */
  readonly period?: number;
}

function drawWidget({ x, y, width, height, type, properties }: Widget): Html {
  const [left, top, wide, high] = [x * COLUMN + 4, y * ROW + 4, width * COLUMN - 8, height * ROW - 8];
  const draw = { singleValue: drawValues, timeSeries: drawGraph }[type === 'metric' ? properties.view : ''];
  if (!draw) throw new Error(`nobody has drawn a widget of type ${type} with the view ${properties.view} yet`);
  return html`<g transform="translate(${left} ${top})">
<rect width="${wide}" height="${high}" rx="4" fill="#fff" stroke="#d5dbdb"/>
<text x="10" y="20" font-weight="bold" font-size="${wide < 300 ? 11 : 13}">${properties.title}</text>
${draw(properties, linesOf(properties.metrics), wide, high)}
</g>
`;
}

function linesOf(metrics: Widget['properties']['metrics']): Line[] {
  return metrics.map(([, metric, ...rest]) => {
    const { label, stat, period } = rest[rest.length - 1] as { label: string; stat?: string; period?: number };
    return { step: String(rest[rest.indexOf('Step') + 1]), metric, label, statistic: stat, period: period && period / 3600 };
  });
}

function drawValues(_: Widget['properties'], lines: readonly Line[], wide: number): Html {
  return html`${lines.map(({ step, metric, label, statistic }, index) => {
    const [[, value]] = valuesOf(step, metric, statistic);
    const x = 10 + index * (wide - 20) / lines.length;
    return html`<text x="${x}" y="58" font-size="22">${number(value)}</text><text x="${x}" y="80" fill="#545b64">${label}</text>`;
  })}`;
}

function drawGraph({ yAxis }: Widget['properties'], lines: readonly Line[], wide: number, high: number): Html {
  const area = { left: 62, top: 36, right: wide - 14, bottom: high - 48 };
  const series = lines.map(({ step, metric, statistic, period }) => valuesOf(step, metric, statistic, period));
  const highest = yAxis?.left?.max ?? Math.max(1, ...series.flatMap((values) => values.map(([, value]) => value)));
  const xOf = (hour: number) => (area.left + hour / (DAYS * 24) * (area.right - area.left)).toFixed(1);
  const yOf = (value: number) => (area.bottom - value / highest * (area.bottom - area.top)).toFixed(1);
  const isBytes = yAxis?.left?.label === 'bytes';
  return html`${[0, 0.5, 1].map((share) => html`<path d="M${area.left} ${yOf(share * highest)}H${area.right}" stroke="#d5dbdb" fill="none"/>
<text x="${area.left - 6}" y="${Number(yOf(share * highest)) + 4}" font-size="11" fill="#545b64" text-anchor="end">${isBytes ? size(Math.round(share * highest)) : number(share * highest)}</text>`)}
${[0, 7, 14, 21, 28].map((day) => html`<text x="${xOf(day * 24)}" y="${area.bottom + 16}" font-size="11" fill="#545b64" text-anchor="${day === DAYS ? 'end' : 'middle'}">${day === 0 ? '' : `day ${day}`}</text>`)}
${series.map((values, index) => html`<path d="M${values.map(([hour, value]) => `${xOf(hour)} ${yOf(value)}`).join('L')}" fill="none" stroke="${LINES[index % LINES.length].color}" stroke-width="1.8" ${pattern(index)}/>
<path d="M${12 + placeOf(lines, index)} ${high - 15}h22" stroke="${LINES[index % LINES.length].color}" stroke-width="2.5" ${pattern(index)}/>
<text x="${38 + placeOf(lines, index)}" y="${high - 11}" font-size="10">${lines[index].label}</text>
`)}${yAxis?.left?.label === undefined ? undefined : html`<text x="${wide - 14}" y="20" font-size="11" fill="#545b64" text-anchor="end">${yAxis.left.label}</text>`}`;
}

/** Where the name of a line is, behind the names of those before it. */
function placeOf(lines: readonly Line[], index: number): number {
  return lines.slice(0, index).reduce((sum, { label }) => sum + 36 + label.length * 4.9, 0);
}

function pattern(index: number): Html | undefined {
  const { pattern: dashes } = LINES[index % LINES.length];
  return dashes === undefined ? undefined : html`stroke-dasharray="${dashes}"`;
}

function number(value: number): string {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value));
}
