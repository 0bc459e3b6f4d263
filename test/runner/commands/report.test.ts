import * as fs from 'fs';
import { RunnerApp, runnerApps } from '../testhelpers/runner-app';

const apps = runnerApps();
let app: RunnerApp;

beforeEach(() => { app = apps(); });

test('reports that builds leave become a page, as each build leaves one itself', async () => {
  app.image('Api');
  app.builds({ Api: app.pushes('Api') });
  await app.run('build', '--all', '--outputs', app.machine.path('outputs'));
  const page = app.machine.path('page.html');
  expect(await app.run('report', '--html', page, app.machine.path('outputs/report.json'))).toMatchObject({ code: 0, lines: [`${page} has the report of the build`] });
  expect(fs.readFileSync(page, 'utf8')).toBe(fs.readFileSync(app.machine.path('outputs/report.html'), 'utf8'));
});

test('a report that is none is refused', async () => {
  fs.writeFileSync(app.machine.path('report.json'), '{"version": 2}');
  const { code, lines } = await app.run('report', '--html', app.machine.path('page.html'), app.machine.path('report.json'));
  expect(code).toBe(1);
  expect(lines.at(-1)).toMatch(/^ERROR: .*report\.json is a report of version 2, and this program reads version 1: /);
  expect(fs.existsSync(app.machine.path('page.html'))).toBe(false);
});

test('a page without a name is a mistake', async () => {
  const { code, stderr } = await app.run('report', app.machine.path('report.json'));
  expect(code).toBe(2);
  expect(stderr).toBe("error: required option '--html <page>' not specified\n");
});
