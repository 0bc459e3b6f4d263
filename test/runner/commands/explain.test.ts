import * as fs from 'fs';
import * as path from 'path';
import { contextFiles } from '../testhelpers/build-setup';
import { DENIED } from '../testhelpers/fake-registry';
import { vertex } from '../testhelpers/progress';
import { RunnerApp, runnerApps } from '../testhelpers/runner-app';

const BASE = `sha256:${'1'.repeat(64)}`;
const OTHER = `sha256:${'2'.repeat(64)}`;
const DOCKERFILE = 'FROM python:3.12\nCOPY app.py /\nRUN make\nCOPY more /more/\n';

const apps = runnerApps();
let app: RunnerApp;

beforeEach(() => {
  app = apps();
  app.settings({ layerCache: { kind: 'registry', mode: 'max', compression: 'zstd' } });
});

/** Builds an image, which leaves a record, and lets the registry have its cache. */
async function build(run = ''): Promise<void> {
  app.image('Api', { dockerfileContent: DOCKERFILE });
  const digest = app.pushes('Api');
  const progress = app.machine.path('progress');
  fs.writeFileSync(progress, vertex(`[1/4] FROM docker.io/library/python:3.12@${BASE}`) + vertex('[2/4] COPY app.py /'));
  app.builds({ Api: digest }, { Api: `cat '${progress}' >&2\n${run}` });
  const { code, lines } = await app.run('build', 'Api');
  if (code !== 0) throw new Error(lines.join('\n'));
  app.hasCache('Api', '2026-11-20T10:12:13.000Z');
}

/** Synthesizes the image again, with other files. */
function change(files: { readonly [file: string]: string }, dockerfileContent = DOCKERFILE): void {
  const context = path.join(app.assembly, 'asset.Api');
  fs.rmSync(context, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(context, file)), { recursive: true });
    fs.writeFileSync(path.join(context, file), content);
  }
  const file = path.join(app.assembly, 'image-Api.json');
  const sizes = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, content.length]));
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), tag: 'v2', contextFiles: contextFiles(context, { files: sizes }), dockerfileContent }));
}

/** What the registry of base images answers. */
function baseImage(digest: string | undefined): void {
  const answer = digest === undefined ? { code: 1, stderr: 'ERROR: no such host\n' } : { stdout: `${digest}\n` };
  app.machine.tell('docker', { 'buildx imagetools inspect *': answer });
}

const explained = async () => JSON.parse((await app.run('explain', 'Api', '--json')).lines.join('\n'));
/** The lines of the answer for people, but for the first one. */
const said = async () => (await app.run('explain', 'Api')).lines.slice(1);

test('an image that is there is not built, and nothing else is asked for', async () => {
  app.image('Api');
  const digest = app.has('Api');
  const { code, lines } = await app.run('explain', 'Api');
  expect([code, lines]).toEqual([0, [
    `image         ${app.registry.host}/team/api:v1`, `digest        ${digest}`, 'build         not needed: its tag is in the repository',
  ]]);
  expect(await explained()).toEqual({ version: 1, name: 'Api', plan: 'image-Api.json', repository: `${app.registry.host}/team/api`, tag: 'v1', inRepository: true, digest });
  expect(app.registry.requests).toEqual(['GET team/api v1', 'GET team/api v1']);
});

test('of the first build, it says that nothing is in the cache', async () => {
  app.image('Api', { dockerfileContent: DOCKERFILE });
  expect(await said()).toEqual([
    'build         needed: its tag is not in the repository', 'last build    has left nothing to compare with', 'first run     COPY app.py / (line 2): nothing is in the cache',
  ]);
});

test('of a cache without a record, it says that nobody can say it', async () => {
  app.image('Api', { dockerfileContent: DOCKERFILE });
  app.hasCache('Api');
  expect(await said()).toEqual(['build         needed: its tag is not in the repository', 'last build    has left nothing to compare with, so nobody can say which step would run first']);
});

test('of another file, it names the file and the step, and builds nothing', async () => {
  await build();
  change({ 'app.py': 'another', 'more/new.txt': 'new' });
  baseImage(BASE);
  const [builds, requests] = [app.built.length, app.registry.requests.length];
  expect(await said()).toEqual([
    'build         needed: its tag is not in the repository',
    `last build    left ${app.registry.host}/team/api:cache-a_record; the layer cache was written 2026-11-20 10:12 UTC`,
    'first run     COPY app.py / (line 2): `app.py` changed',
    'changed       `app.py` changed',
    '              `more/new.txt` is new',
  ]);
  expect([app.built.length, app.registry.requests.slice(requests).every((request) => request.startsWith('GET '))]).toEqual([builds, true]);
  expect(app.machine.argumentsOf('docker').at(-1)).toEqual(['buildx', 'imagetools', 'inspect', '--format', '{{.Manifest.Digest}}', 'docker.io/library/python:3.12']);
  expect(await explained()).toMatchObject({
    inRepository: false,
    lastBuild: { record: `${app.registry.host}/team/api:cache-a_record`, cacheWrittenAt: '2026-11-20T10:12:13.000Z' },
    firstRun: { step: 'COPY app.py /', line: 2, reasons: [{ kind: 'files', text: '`app.py` changed' }] },
    mayRun: [],
    differences: [{ kind: 'files', path: 'app.py', text: '`app.py` changed' }, { kind: 'files', path: 'more/new.txt', text: '`more/new.txt` is new' }],
  });
});

test('of another base image, it says which', async () => {
  await build();
  change({ 'app.py': 'Api' });
  baseImage(OTHER);
  expect(await said()).toEqual(expect.arrayContaining([
    'first run     COPY app.py / (line 2): the base image python:3.12 is another one', 'changed       the base image docker.io/library/python:3.12 is another one',
  ]));
});

test('a base image that cannot be asked for is taken as the same, and that is said', async () => {
  await build();
  change({ 'app.py': 'another' });
  baseImage(undefined);
  expect((await said()).slice(2)).toEqual([
    'first run     COPY app.py / (line 2): `app.py` changed', 'changed       `app.py` changed',
    'not known     whether the base image docker.io/library/python:3.12 is another one: ERROR: no such host',
  ]);
  app.machine.remove('docker');
  expect((await explained()).unknown).toEqual([expect.stringContaining('ENOENT')]);
});

test('a cache that the last build could not write may lack any step, and that is said', async () => {
  await build('case "$*" in *--cache-to*) echo "ERROR: denied" >&2; exit 1 ;; esac');
  change({ 'app.py': 'another' });
  baseImage(BASE);
  expect((await said()).slice(2)).toEqual([
    'first run     COPY app.py / (line 2): `app.py` changed', 'changed       `app.py` changed', 'not known     which steps the layer cache has: the last build could not write it',
  ]);
});

test('a base image that is named by its digest is not asked for', async () => {
  const pinned = DOCKERFILE.replace('python:3.12', `python:3.12@${BASE}`);
  await build();
  change({ 'app.py': 'Api' }, pinned);
  baseImage(OTHER);
  const calls = app.machine.argumentsOf('docker').length;
  expect(await said()).toEqual(expect.arrayContaining(['first run     COPY app.py / (line 2): the Dockerfile changed (line 1)']));
  expect(app.machine.argumentsOf('docker')).toHaveLength(calls);
});

test('where nothing is known to make a step run, it says so, and what may', async () => {
  await build();
  change({ 'app.py': 'Api', 'notes.md': 'a note' });
  baseImage(BASE);
  expect((await said()).slice(2)).toEqual([
    'first run     nothing that is known makes a step run',
    'before it     perhaps COPY more /more/ (line 4): the cache may not have it, since it is not written when only the last copies are new',
    'changed       `notes.md` is new',
  ]);
});

test('of many files, people see some and programs all', async () => {
  await build();
  change({ 'app.py': 'Api', ...Object.fromEntries([...Array(60).keys()].map((index) => [`more/${index}`, 'x'])) });
  baseImage(BASE);
  const lines = await said();
  expect(lines.filter((line) => / `more\/\d+` is new$/.test(line))).toHaveLength(40);
  expect(lines.at(-1)).toBe('              and 20 more, which --json shows');
  expect((await explained()).differences).toHaveLength(60);
});

test('of a cache that is gone, it says so, with what has changed', async () => {
  await build();
  change({ 'app.py': 'another' });
  baseImage(BASE);
  app.registry.answers['GET team/api cache-a'] = { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' };
  expect((await said()).slice(2)).toEqual(['first run     COPY app.py / (line 2): nothing is in the cache', 'changed       `app.py` changed']);
});

test('of a cache that cannot be read, it says why', async () => {
  app.image('Api', { dockerfileContent: DOCKERFILE });
  app.registry.answers['GET team/api cache-a'] = DENIED;
  expect((await said()).at(-1)).toMatch(/^first run {5}COPY app\.py \/ \(line 2\): the cache cannot be read: the registry denies access to /);
});

test('a record that is something else is passed over with a warning', async () => {
  app.image('Api', { dockerfileContent: DOCKERFILE });
  app.hasCache('Api');
  app.registry.put('team/api', 'cache-a_record', Buffer.from('\x1b[2Jnone'), 'text/plain');
  const { code, lines } = await app.run('explain', 'Api');
  expect([code, lines[0]]).toEqual([0, expect.stringMatching(/^WARNING: the record of the last build, cache-a_record, cannot be read/)]);
});

test.each([
  ['a registry that denies it', () => { app.registry.answers['GET team/api v1'] = DENIED; }, /^ERROR: the registry denies access to /],
  ['no password', () => { app.machine.tell('docker-credential-ecr-login', { get: { code: 1 } }); app.machine.remove('aws'); }, /^ERROR: there is no password for /],
  ['files that were changed after the synthesis', () => fs.writeFileSync(path.join(app.assembly, 'asset.Api/app.py'), 'Apo'), /^ERROR: the context of 'Api' is not the one that was synthesized/],
])('with %s, it fails with a sentence', async (_, prepare, message) => {
  app.image('Api');
  prepare();
  const { code, lines } = await app.run('explain', 'Api');
  expect([code, lines.at(-1)]).toEqual([1, expect.stringMatching(message)]);
});

test.each([
  [{ kind: 'none' }, 'first run     COPY app.py / (line 2): the image has no layer cache'],
  [{ kind: 'engine' }, 'last build    has left nothing to compare with, so nobody can say which step would run first'],
] as const)('of the layer cache %j, it says that much', async (layerCache, text) => {
  app.settings({ layerCache });
  app.image('Api', { dockerfileContent: DOCKERFILE });
  expect((await said()).at(-1)).toBe(text);
});
