import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

// What the report counts, beside what BuildKit has said in the log and what the registries have sent.

/** Manifests, configurations and descriptions of caches, which the report does not count and the registries do: in bytes. */
const SMALL_THINGS = 100_000;

interface JsonStep {
  readonly name: string;
  readonly line: number;
  readonly state: string;
  readonly seconds: number;
  readonly pulledBytes: number;
  readonly times: readonly { readonly start: number; readonly seconds: number }[];
}

/** The files of the reports so far. */
const reports: string[] = [];

let lab: Lab;
let app: ExampleApp;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
  app = new ExampleApp(lab, { name: 'Reported' });
}, 600_000);

afterAll(async () => lab.stop());

/** The report of a build for programs. */
function reportOf({ sourceDirectory }: ExampleBuild) {
  return JSON.parse(fs.readFileSync(path.join(sourceDirectory, 'image-outputs', 'report.json'), 'utf8'));
}

/** What a reader of XML finds in the report for CodeBuild: the cases, and which of them were skipped. */
function casesOf({ sourceDirectory }: ExampleBuild): [name: string, outcome: string][] {
  const read = 'import sys, json, xml.etree.ElementTree as tree\n'
    + 'print(json.dumps([[c.get("name"), *[e.get("message") for e in c if e.tag != "system-out"]] for c in tree.parse(sys.argv[1]).iter("testcase")]))';
  return JSON.parse(execFileSync('python3', ['-c', read, path.join(sourceDirectory, 'image-outputs', 'report.xml')], { encoding: 'utf8' }));
}

/** What BuildKit says of its steps in the log of the first solve: a name, and whether it was cached. */
function stepsInLog(log: string): { [name: string]: boolean } {
  const [, solve] = /\$ .*--output type=image[^\n]*\n([^$]*)/.exec(log)!;
  const named = [...solve.matchAll(/^#(\d+) (\[.*\d+\/\d+\] (?!FROM ).*)$/gm)];
  return Object.fromEntries(named.map(([, number, name]) => [name.replace(/^\[([^\]]*?) *(\d+\/\d+)\]/, '[$1 $2]').replace('] LINK ', '] '), new RegExp(`^#${number} CACHED$`, 'm').test(solve)]));
}

async function build(change: () => void): Promise<{ readonly steps: readonly JsonStep[]; readonly [member: string]: any }> {
  change();
  const done = await app.build('Report');
  expectSuccess(done);
  const report = reportOf(done);
  expect(report).toMatchObject({ version: 1, images: [{ repository: expect.stringContaining('.dkr.ecr.'), digest: done.report.digest, result: 'built' }] });
  expect(done.image).toBe(`${report.images[0].repository}:${report.images[0].tag}`);

  const missed = done.traffic.blobs.down - report.pulledBytes;
  expect(missed).toBeGreaterThan(0);
  expect(missed).toBeLessThan(SMALL_THINGS);
  // Of the last build, its record is written as well, and perhaps a description of its cache.
  const notCounted = done.traffic.blobs.up - report.pushedBytes;
  expect(Math.abs(notCounted)).toBeLessThan(SMALL_THINGS);
  expect(report.images[0].layers.map(({ digest }: { digest: string }) => digest)).toEqual(expect.arrayContaining([expect.stringMatching(/^sha256:/)]));
  const { steps } = report.images[0] as { steps: JsonStep[] };
  expect(Object.fromEntries(steps.map(({ name, state }) => [name.replace(/^\[([^\]]*?) *(\d+\/\d+)\]/, '[$1 $2]'), state !== 'run']))).toEqual(stepsInLog(done.log));
  expect(done.report.steps).toBe(`${steps.filter(({ state }) => state !== 'run').length} cached, ${steps.filter(({ state }) => state === 'run').length} run`);
  expectTimes(report, steps);
  expectPage(done, report);
  await expectLayers(report.images[0], done);
  expect(casesOf(done)).toEqual([
    ['image'], ...steps.map(({ name, line, state }) => [`line ${line}: ${name.replace(/\s+/g, ' ')}`, ...state === 'run' ? [] : [state]]),
  ]);
  return { ...report.images[0], steps };
}

/** The page has what the report has. */
function expectPage({ sourceDirectory }: ExampleBuild, { images: [{ digest, steps, firstRun }] }: any): void {
  const outputs = path.join(sourceDirectory, 'image-outputs');
  const page = fs.readFileSync(path.join(outputs, 'report.html'), 'utf8');
  expect(page).toContain(digest);
  expect(page.match(/<tr class="(run|cached|downloaded)">\s*<td class="number">\d+<\/td>/g)).toHaveLength(steps.length);
  expect(page).toContain(`in line ${firstRun.line}</span>`);
  reports.push(path.join(outputs, 'report.json'));
}

/** When steps were worked on is within the build, and as long as they took. */
function expectTimes({ startedAt, seconds, images: [image] }: any, steps: readonly JsonStep[]): void {
  const start = Date.parse(startedAt);
  expect(Math.abs(Date.now() - start)).toBeLessThan(600_000);
  expect(Date.parse(image.startedAt)).toBeGreaterThanOrEqual(start);
  expect(Date.parse(image.startedAt) - start).toBeLessThan(seconds * 1000);
  for (const step of steps) {
    expect(step.times.reduce((sum, time) => sum + time.seconds, 0)).toBeCloseTo(step.seconds, 1);
    expect(step.seconds).toBeLessThan(image.phases.build); // also where several solves tell of it
    step.times.forEach((time) => expect(time.start + time.seconds).toBeLessThan(seconds + 1));
  }
}

/** The layers are those that the registry has, and each of the Dockerfile is what its step was. */
async function expectLayers({ layers, steps }: any, { image }: ExampleBuild): Promise<void> {
  const { manifest } = await lab.registry.manifest(image);
  expect(layers.map(({ digest, bytes }: any) => [digest, bytes])).toEqual(manifest.layers.map(({ digest, size }: any) => [digest, size]));
  const own = layers.filter(({ state }: any) => state !== 'base image');
  expect(own.map(({ step }: any) => step.split(' ')[0])).toEqual(['WORKDIR', 'COPY', 'COPY']);
  for (const { line, state } of own) expect(state).toBe(steps.find((step: any) => step.line === line).state);
}

test('the first build pulls the base images, and runs everything', async () => {
  const { steps, pulledBytes, cache, firstRun } = await build(() => undefined);
  expect(pulledBytes).toBeGreaterThan(20e6);
  expect(steps.map(({ state }) => state)).not.toContain('cached');
  expect(steps.find(({ name }) => name.includes('RUN'))!.seconds).toBeGreaterThan(0.1);
  expect(cache).toMatchObject({ read: [{ error: expect.stringMatching(/not found$/) }], written: true, writtenTo: expect.stringMatching(/:cache-Reported-/) });
  expect(firstRun).toMatchObject({ line: 2, reasons: [{ kind: 'empty-cache' }] });
});

test('a build of another source pulls nothing', async () => {
  const { steps, pulledBytes, cache, copies, firstRun } = await build(() => app.changeSource('Report', 'other'));
  expect(pulledBytes).toBe(0);
  expect(steps.filter(({ state }) => state === 'run')).toHaveLength(1);
  expect(steps.map(({ state }) => state)).not.toContain('downloaded');
  expect(cache).toMatchObject({ read: [{ from: expect.stringMatching(/^cache-Reported-/) }], written: false });
  expect(copies).toMatch(/^linked/);
  expect(firstRun.reasons).toEqual([{ kind: 'files', text: '`src/app.py` changed' }]);
});

test('a build of another dependency pulls what its steps stand on, and says for which step', async () => {
  const { steps, pulledBytes, firstRun } = await build(() => app.changeDependency('Report', '2.0.0'));
  const downloaded = steps.filter(({ state }) => state === 'downloaded');
  expect(downloaded.map(({ name }) => name)).toContainEqual(expect.stringContaining('WORKDIR /build'));
  expect(downloaded.reduce((sum, step) => sum + step.pulledBytes, 0)).toBe(pulledBytes);
  expect(firstRun.reasons).toEqual([{ kind: 'files', text: '`requirements.txt` changed' }]);
});

test('a build of nothing says so', async () => {
  const done = await app.build('Report', { buildKit: null });
  expect(reportOf(done)).toMatchObject({ version: 1, images: [{ result: 'already there' }] });
  expect(reportOf(done)).not.toHaveProperty('pulledBytes');
  expect(casesOf(done)).toEqual([['image', 'already there']]);
});

test('the reports of all builds make a page of their history', () => {
  const directory = freshDirectory('page');
  const copies = reports.map((file, index) => {
    const copy = path.join(directory, `${index}.json`);
    fs.copyFileSync(file, copy);
    return copy;
  });
  const page = path.join(directory, 'page.html');
  execFileSync(process.execPath, [path.join(__dirname, '../../../../bundle/cached-docker-build.cjs'), 'report', '--html', page, ...copies.reverse()]);
  const text = fs.readFileSync(page, 'utf8');
  expect(text).toContain('All 3 builds as a table');
  expect(text.indexOf(JSON.parse(fs.readFileSync(reports[2], 'utf8')).images[0].digest)).toBeGreaterThan(0); // the newest
});
