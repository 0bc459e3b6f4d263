import * as fs from 'fs';
import * as path from 'path';
import { dashboardBody } from '../../integ/pictures/dashboard-body';
import { drawDashboard } from '../../integ/pictures/draw-dashboard';
import { valuesOf } from '../../integ/pictures/made-up-builds';
import { digestOf, photographedPage, sourceOf } from '../../integ/pictures/photograph-page';

// `npm run pictures` draws them again.

const docs = path.join(__dirname, '../../docs');

test('the picture of the dashboard is of the dashboard as it is synthesized', () => {
  expect(fs.readFileSync(path.join(docs, 'dashboard.svg'), 'utf8')).toBe(drawDashboard(dashboardBody()));
});

test('each widget is in the picture, in its place, with a line for each metric', () => {
  const body = dashboardBody();
  const picture = drawDashboard(body);
  for (const { x, y, properties: { title } } of body.widgets) {
    expect(picture).toMatch(new RegExp(`<g transform="translate\\(${x * 46 + 4} ${y * 26 + 4}\\)">\\s*<rect[^>]*>\\s*<text [^>]*>${title}</text>`));
  }
  const graphs = body.widgets.filter(({ properties: { view } }) => view === 'timeSeries');
  expect(picture.match(/stroke-width="1\.8"/g)).toHaveLength(graphs.flatMap(({ properties: { metrics } }) => metrics).length);
});

test('a widget that nobody can draw, and a metric that no build has, fail', () => {
  const [widget] = dashboardBody().widgets;
  expect(() => drawDashboard({ start: '', widgets: [{ ...widget, type: 'text' }] })).toThrow('nobody has drawn a widget of type text');
  expect(() => valuesOf('BuildApi', 'Unknown')).toThrow('the made-up builds have no Unknown');
});

test('the picture of the page is of the page as it is made', () => {
  const picture = fs.readFileSync(path.join(docs, 'report-page.png'));
  expect(sourceOf(picture)).toBe(digestOf(photographedPage()));
  expect(picture.length).toBeLessThan(160_000);
});
