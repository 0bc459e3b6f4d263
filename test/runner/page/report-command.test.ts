import * as fs from 'fs';
import * as path from 'path';
import { someReport } from './testhelpers/some-report';
import { reportCommand } from '../../../runner/page/report-command';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { collectedLog } from '../testhelpers/collected-log';

let directory: string;

beforeEach(() => { directory = temporaryDirectory(); });

function write(name: string, content: unknown): string {
  const file = path.join(directory, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function run(files: string[], page = path.join(directory, 'page.html')) {
  const { log, lines } = collectedLog();
  const code = reportCommand({ files, page, log });
  return { code, lines, content: fs.readFileSync(page, 'utf8') };
}

test('a report becomes a page', () => {
  const { code, lines, content } = run([write('report.json', { version: 1, ...someReport() })]);
  expect([code, lines]).toEqual([0, [`${directory}/page.html has the report of the build`]]);
  expect(content).toContain('<h1>Build of 2 March 2026, 08:05 UTC</h1>');
});

test('several reports become the page of the newest one', () => {
  const files = [3, 1].map((day) => write(`${day}.json`, { version: 1, ...someReport({ startedAt: `2026-04-0${day}T00:00:00Z` }) }));
  const { lines, content } = run(files);
  expect(lines).toEqual([`${directory}/page.html has the report of the newest of 2 builds`]);
  expect(content).toContain('<h1>Build of 3 April 2026, 00:00 UTC</h1>');
});

test('without a report, it is that of the last build in this directory', () => {
  write('image-outputs/report.json', { version: 1, ...someReport() });
  const before = process.cwd();
  process.chdir(directory);
  try {
    expect(run([]).code).toBe(0);
  } finally {
    process.chdir(before);
  }
});

test('a file that is no report leaves the page as it was', () => {
  const page = write('page.html', 'the last page');
  const good = write('report.json', { version: 1, ...someReport() });
  expect(() => run([good, write('other.json', '{')], page)).toThrow(/^.*other\.json is not the report of a build: it is not JSON/);
  expect(fs.readFileSync(page, 'utf8')).toBe('the last page');
});

test('a report is never overwritten by a page', () => {
  const report = write('report.json', { version: 1, ...someReport() });
  expect(() => run([], report)).toThrow(`${report} is the name of a report: give --html the file of the page first, such as report.html`);
  expect(JSON.parse(fs.readFileSync(report, 'utf8'))).toMatchObject({ version: 1 });
});

test('a page that cannot be written is an error', () => {
  const report = write('report.json', { version: 1, ...someReport() });
  expect(() => run([report], path.join(directory, 'gone', 'page.html'))).toThrow(/^the page cannot be written: ENOENT/);
});
