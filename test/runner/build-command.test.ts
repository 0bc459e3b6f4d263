import * as fs from 'fs';
import * as path from 'path';
import { DENIED, IMMUTABLE } from './testhelpers/fake-registry';
import { output, vertex } from './testhelpers/progress';
import { RunnerApp, runnerApps } from './testhelpers/runner-app';
import { PLAN_VERSION } from '../../lib/plan/image-plan';

const CACHE = { kind: 'registry', mode: 'max', compression: 'zstd' } as const;

const apps = runnerApps();
let app: RunnerApp;

beforeEach(() => { app = apps(); });

/** Images that are missing, and what the fake buildx does with them. */
function missing(names: readonly string[], run: { [name: string]: string } = {}): { [name: string]: string } {
  names.forEach((name) => app.image(name));
  const digests = Object.fromEntries(names.map((name) => [name, app.pushes(name)]));
  app.builds(digests, run);
  return digests;
}

/** For a fake program: prints these lines. */
const says = (text: string) => {
  const file = app.machine.path(`text.${fs.readdirSync(app.machine.directory).length}`);
  fs.writeFileSync(file, text);
  return `cat '${file}' >&2`;
};

const noted = (name: string) => fs.readFileSync(app.machine.path(name), 'utf8').trim().split('\n');
const COUNT = 'mkdir -p "$fakes/running"; touch "$fakes/running/$$"; (set -- "$fakes"/running/*; echo $# >>"$fakes/counts"); sleep 0.4; rm "$fakes/running/$$"';
const kept = () => app.machine.argumentsOf('docker').filter((args) => args.includes('--cache-to')).map((args) => path.basename(args.at(-1)!).replace('asset.', ''));

describe('images that are there already', () => {
  test('start no builder: one login, and one question each, all at once', async () => {
    const names = [...Array(50).keys()].map((index) => `Image${index}`);
    names.forEach((name) => app.image(name));
    names.forEach((name) => app.has(name));
    app.registry.delay = 20;
    const { code, lines, stderr } = await app.run('build', '--all');
    expect([code, stderr]).toEqual([0, '']);
    expect(app.registry.requests.sort()).toEqual(names.map((name) => `GET team/${name.toLowerCase()} v1`).sort());
    expect(app.registry.mostAtOnce).toBeGreaterThan(8);
    expect([...app.registry.authorizations]).toEqual([`Basic ${Buffer.from('AWS:the password').toString('base64')}`]);
    expect(app.machine.argumentsOf('docker-credential-ecr-login')).toEqual([['get']]);
    for (const program of ['docker', 'aws', 'dockerd', 'iptables']) expect(app.machine.calls(program)).toEqual([]);
    expect(lines.filter((line) => line.endsWith(':v1 is there already, nothing to build'))).toHaveLength(50);
    expect(lines).toContain('builder       none');
  });

  test('get their additional tags all the same', async () => {
    app.image('Api');
    const digest = app.has('Api');
    app.settings({ additionalTags: ['latest', { variable: 'COMMIT' }, 'latest'] });
    app.env.COMMIT = '4f2a';
    expect((await app.run('build', '--all')).code).toBe(0);
    expect(app.registry.requests).toEqual(['GET team/api v1', 'GET team/api latest', 'PUT team/api latest', 'GET team/api 4f2a', 'PUT team/api 4f2a']);
    expect(app.registry.digestOf('team/api', 'latest')).toBe(digest);
  });

  test('and are none that can be deployed fail the build', async () => {
    app.image('Api');
    const { code, lines } = await (async () => {
      app.registry.put('team/api', 'v1', Buffer.from('{"mediaType":"application/vnd.oci.image.index.v1+json"}'), 'application/vnd.oci.image.index.v1+json');
      return app.run('build', '--all');
    })();
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/^ERROR: \S+ has an image index instead of an image/);
    expect(app.built).toEqual([]);
  });
});

describe('one image that is missing', () => {
  test('is built, tagged and kept, and its lines have no name before them', async () => {
    const { Api } = missing(['Api']);
    app.settings({ layerCache: CACHE, additionalTags: ['latest'] });
    const { code, lines, stderr } = await app.run('build', 'image-Api.json', '--outputs', app.machine.path('outputs'));
    expect([code, stderr]).toEqual([0, '']);
    expect([...new Set(app.registry.requests)]).toEqual([
      'GET team/api v1', 'GET team/api cache-a_record', 'GET team/api cache-a', `GET team/api ${Api}`, 'PUT team/api v1', 'PUT team/api cache-a_record',
      'GET team/api latest', 'PUT team/api latest',
    ]);
    expect([app.registry.digestOf('team/api', 'v1'), app.registry.digestOf('team/api', 'latest')]).toEqual([Api, Api]);
    expect(kept()).toEqual(['Api']);
    expect(lines.slice(0, 2)).toEqual(['builder: given in BUILDX_BUILDER, given', expect.stringMatching(/^\$ docker buildx build --builder given /)]);
    expect(lines).toEqual(expect.arrayContaining([
      `image         ${app.registry.host}/team/api:v1`, `digest        ${Api}`, 'result        built', 'builder       given in BUILDX_BUILDER, given', 'cache written yes',
      expect.stringMatching(/^time {10}login .* s, lookup .* s, login base images .* s, builder .* s, context .* s, build .* s, publish .* s, cache export .* s, total .* s$/),
    ]));
    expect(lines.filter((line) => line.includes(' | '))).toEqual([]);
  });

  test('leaves its digest for later steps', async () => {
    const { Api } = missing(['Api']);
    await app.run('build', '--outputs', app.machine.path('out', 'puts'), '--all');
    expect(fs.readdirSync(app.machine.path('out', 'puts')).sort()).toEqual(['image-Api.json.digest', 'image-Api.json.uri', 'report.html', 'report.json', 'report.xml']);
    expect(JSON.parse(fs.readFileSync(app.machine.path('out/puts/report.json'), 'utf8'))).toMatchObject({ version: 1, images: [{ name: expect.any(String), digest: Api, result: 'built' }] });
    expect(fs.readFileSync(app.machine.path('out/puts/image-Api.json.digest'), 'utf8')).toBe(Api);
    expect(fs.readFileSync(app.machine.path('out/puts/image-Api.json.uri'), 'utf8')).toBe(`${app.registry.host}/team/api@${Api}`);
  });

  test('leaves nothing else: no outputs that nobody asked for, and no temporary file', async () => {
    missing(['Api']);
    const before = fs.readdirSync(app.machine.directory);
    await app.run('build', '--all');
    expect(fs.readdirSync(app.machine.directory)).toEqual(before);
    expect(fs.readdirSync(app.machine.path('tmp'))).toEqual([]);
    expect(fs.readdirSync(app.assembly).sort()).toEqual(['asset.Api', 'cached-docker-build.cjs', 'image-Api.json', 'manifest.json']);
  });

  test('that fails is said at the end, below the report', async () => {
    missing(['Api'], { Api: `${says(output('compiling\n') + vertex('[1/1] RUN false', { error: 'process "false" did not complete successfully: exit code: 1' }))}; exit 1` });
    const { code, lines } = await app.run('build', '--all', '--outputs', app.machine.path('outputs'));
    expect(code).toBe(1);
    expect(lines).toContain('# compiling');
    expect(lines).toContain('result        failed');
    expect(lines.slice(-2)).toEqual(['', 'ERROR: the image could not be built or pushed: process "false" did not complete successfully: exit code: 1']);
    expect(app.registry.requests).toEqual(['GET team/api v1']);
    expect(fs.readdirSync(app.machine.path('outputs'))).toEqual(['report.html', 'report.json', 'report.xml']);
    expect(JSON.parse(fs.readFileSync(app.machine.path('outputs/report.json'), 'utf8'))).toMatchObject({ images: [{ result: 'failed', failure: expect.stringContaining('exit code: 1') }] });
  });

  test('whose additional tag is refused has its tag and its layers, and fails the build', async () => {
    const { Api } = missing(['Api']);
    app.settings({ layerCache: CACHE, additionalTags: ['latest'] });
    app.registry.answers['PUT team/api latest'] = DENIED;
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(app.registry.digestOf('team/api', 'v1')).toBe(Api);
    expect(kept()).toEqual(['Api']);
    expect(lines).toContain('result        built, but failed after it');
    expect(lines.at(-1)).toMatch(/^ERROR: the tag 'latest' cannot be set in \S+ \(HTTP 403\): /);
  });

  test('whose tag another build has set meanwhile is that one', async () => {
    missing(['Api']);
    app.registry.answers['PUT team/api v1'] = IMMUTABLE;
    const { body, type } = { body: Buffer.from(JSON.stringify({ mediaType: 'application/vnd.oci.image.manifest.v1+json', layers: [], other: true })), type: 'application/vnd.oci.image.manifest.v1+json' };
    app.builds({ Api: app.pushes('Api') }, { Api: 'touch "$fakes/pushed"' });
    const running = app.start('build', '--all');
    const timer = setInterval(() => { if (fs.existsSync(app.machine.path('pushed'))) app.registry.put('team/api', 'v1', body, type); }, 1);
    const { code, lines } = await running.outcome;
    clearInterval(timer);
    expect(code).toBe(0);
    expect(lines).toContain('result        built by another build at the same time');
  });

  test('whose layers cannot be kept is there, with a warning', async () => {
    missing(['Api'], { Api: 'case "$*" in *--cache-to*) echo "ERROR: denied" >&2; exit 1;; esac' });
    app.settings({ layerCache: CACHE });
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(0);
    expect(lines).toContain('WARNING: the layer cache was not written, so the next build may be slower: ERROR: denied');
    expect(lines).toContain('cache written no, ERROR: denied');
  });

  test('whose layers have to be kept, and cannot, fails the build after its report', async () => {
    const { Api } = missing(['Api'], { Api: 'case "$*" in *--cache-to*) echo "ERROR: denied" >&2; exit 1;; esac' });
    app.settings({ layerCache: { ...CACHE, required: true } });
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(app.registry.digestOf('team/api', 'v1')).toBe(Api);
    expect(lines.at(-1)).toBe('ERROR: the image is in the registry, but its layer cache is not, and the cache was declared with ignoreErrors: false');
  });
});

describe('several images', () => {
  test('of which one fails: the others are pushed, tagged and kept, and the failed one is named with the end of its output', async () => {
    const step = [...Array(30).keys()].map((line) => `line ${line}\n`).join('');
    const { Api, Worker } = missing(['Api', 'Report', 'Worker'], {
      Report: `${says(output(step) + 'ERROR: failed to solve: process "false" did not complete successfully: exit code: 1\n')}; exit 1`,
    });
    app.settings({ layerCache: CACHE, additionalTags: ['latest'] });
    const { code, lines } = await app.run('build', '--all', '--outputs', app.machine.path('outputs'));
    expect(code).toBe(1);
    expect([app.registry.digestOf('team/api', 'v1'), app.registry.digestOf('team/report', 'v1'), app.registry.digestOf('team/worker', 'latest')]).toEqual([Api, undefined, Worker]);
    expect(kept().sort()).toEqual(['Api', 'Worker']);
    expect(fs.readdirSync(app.machine.path('outputs')).filter((name) => name.endsWith('.uri'))).toEqual(['image-Api.json.uri', 'image-Worker.json.uri']);

    const end = lines.slice(lines.findIndex((line) => line.startsWith("ERROR: 'Report' failed")));
    const reason = 'the image could not be built or pushed: ERROR: failed to solve: process "false" did not complete successfully: exit code: 1';
    expect(end[0]).toBe(`ERROR: 'Report' failed: ${reason}. The end of its output:`);
    expect(end.slice(1, 16)).toEqual([...[...Array(13).keys()].map((line) => `  # line ${line + 17}`), '  # ERROR: failed to solve: process "false" did not complete successfully: exit code: 1', `  ERROR: ${reason}`]);
    expect(end.slice(16)).toEqual(['', 'ERROR: 1 of 3 images failed: Report. The others are in their repositories; the next run builds only the failed ones.']);
    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^Api +v1 +built /), expect.stringMatching(/^Report +v1 +failed /)]));
  });

  test('have their names before their lines', async () => {
    missing(['Api', 'Report'], { Api: says(output('compiling\n')) });
    const { lines } = await app.run('build', '--all');
    expect(lines).toContain('Api | # compiling');
    expect(lines.filter((line) => /^(Report \| )\$ docker buildx build /.test(line))).toHaveLength(1);
    expect(lines).toContain('builder: given in BUILDX_BUILDER, given');
  });

  test('of which some are there: only the others are built, and all are in the report in the order of the command', async () => {
    missing(['Api', 'Worker']);
    app.image('Report');
    app.has('Report');
    const { code, lines } = await app.run('build', 'image-Worker.json', 'image-Report.json', 'image-Api.json');
    expect(code).toBe(0);
    expect(app.built.sort()).toEqual(['Api', 'Worker']);
    expect(lines.slice(-7).map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['Worker', 'v1', 'built'], ['Report', 'v1', 'already there'], ['Api', 'v1', 'built'], [''],
      ['image', 'copies'], ['Worker', 'as written: linkCopies is off'], ['Api', 'as written: linkCopies is off'],
    ]);
  });

  test('of which the registry does not tell about one: it is not built, and the others are', async () => {
    missing(['Api', 'Report']);
    app.registry.answers['GET team/report v1'] = DENIED;
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(app.built).toEqual(['Api']);
    expect(lines.at(-1)).toContain('1 of 2 images failed: Report');
    expect(lines.join('\n')).toContain(`ERROR: 'Report' failed: the registry denies access to ${app.registry.host}/team/report (HTTP 403)`);
  });

  test.each([[undefined, 4], [2, 2], [1, 1]])('are built at the same time, %j at most', async (maxConcurrentBuilds, most) => {
    const names = ['A', 'B', 'C', 'D', 'E', 'F'];
    missing(names, Object.fromEntries(names.map((name) => [name, COUNT])));
    app.settings({ maxConcurrentBuilds });
    expect((await app.run('build', '--all')).code).toBe(0);
    expect(noted('counts')).toHaveLength(6);
    expect(Math.max(...noted('counts').map(Number))).toBe(most);
  });

  test('are built one after the other by a builder that can do no more', async () => {
    const names = ['A', 'B', 'C'];
    names.forEach((name) => app.image(name));
    const digests = names.map((name) => app.pushes(name));
    const leaves = names.map((name, index) => `*/asset.${name}) printf '%s' '${digests[index]}' >"$file" ;;`).join(' ');
    app.machine.tell('executor', {
      'version': { stdout: 'Kaniko version :  v1.28.3\n' },
      '--context *': { run: `umask >>"$fakes/umask"; ${COUNT}; last=; for each in "$@"; do if [ "$last" = --digest-file ]; then file=$each; fi; last=$each; done; case "$2" in ${leaves} esac` },
    });
    app.settings({ builder: { kind: 'kaniko' }, maxConcurrentBuilds: 3 });
    const umask = process.umask(0o077);
    const { code, lines } = await app.run('build', '--all').finally(() => process.umask(umask));
    expect(code).toBe(0);
    expect(noted('counts')).toEqual(['1', '1', '1']);
    expect(noted('umask')).toEqual(['0022', '0022', '0022']); // steps make files that all can read, as in any container
    expect(lines).toContain('builder       kaniko v1.28.3, unprivileged');
  });
});

describe('nothing is built', () => {
  const expectNothing = () => {
    expect(app.registry.requests).toEqual([]);
    expect(app.machine.calls('docker')).toEqual([]);
    expect(app.machine.calls('docker-credential-ecr-login')).toEqual([]);
  };

  test.each(['feature/a', '../../other/manifests/v1', '$(touch${IFS}x)', '-x', '#{Source.CommitId}', 'fix latest prod', '', 'a*', 'latest\n', 'x'.repeat(129)])(
    'with an additional tag that cannot be one: %j', async (tag) => {
      missing(['Api']);
      app.settings({ additionalTags: ['latest', { variable: 'TAG' }] });
      app.env.TAG = tag;
      const { code, lines } = await app.run('build', '--all');
      expect(code).toBe(1);
      expect(lines).toEqual(['', ...`ERROR: '${tag}' of additionalTags cannot be an image tag; nothing was built`.split('\n')]);
      expectNothing();
    });

  test('without a variable that holds a tag', async () => {
    missing(['Api']);
    app.settings({ additionalTags: [{ variable: 'COMMIT' }] });
    expect((await app.run('build', '--all')).lines.at(-1)).toBe('ERROR: the environment variable COMMIT is missing; it is set by the action of the pipeline');
    expectNothing();
  });

  test('with settings of another version', async () => {
    missing(['Api']);
    app.settings({ version: PLAN_VERSION + 1 });
    expect((await app.run('build', '--all')).lines.at(-1)).toMatch(
      new RegExp(`^ERROR: the environment variable CACHED_DOCKER_BUILD_SETTINGS is of version ${PLAN_VERSION + 1}, and this program of version ${PLAN_VERSION}; the pipeline has not updated itself yet`));
    expectNothing();
  });

  test.each(['{', 'null', '7', '"x"'])('with settings that are %s', async (text) => {
    missing(['Api']);
    app.env.CACHED_DOCKER_BUILD_SETTINGS = text;
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/^ERROR: the environment variable CACHED_DOCKER_BUILD_SETTINGS (holds no JSON|is of version undefined)/);
    expectNothing();
  });

  test.each<[string, object, string]>([
    ['builder', { builder: { kind: 'magic' } }, "this program knows no builder of kind 'magic'"],
    ['layer cache', { layerCache: { kind: 'magic' } }, "this program knows no layer cache of kind 'magic'"],
  ])('with a %s that this program does not know', async (_, settings, message) => {
    missing(['Api']);
    app.settings(settings);
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe(`ERROR: ${message}`);
    expect(app.built).toEqual([]);
  });

  test('with a plan of another version among those that are right', async () => {
    missing(['Api']);
    app.image('Old', { version: 0 });
    expect((await app.run('build', '--all')).lines.at(-1)).toBe(
      `ERROR: the plan image-Old.json is of version 0, and this program of version ${PLAN_VERSION}: synthesize again, both come from the same synthesis`);
    expectNothing();
  });

  test('without a password for the registry', async () => {
    missing(['Api']);
    app.machine.tell('docker-credential-ecr-login', { get: { stderr: 'credentials not found\n', code: 1 } });
    app.machine.tell('aws', { 'ecr get-login-password*': { stderr: 'Unable to locate credentials\n', code: 255 } });
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe(`ERROR: there is no password for ${app.registry.host} (Unable to locate credentials): the build's role needs ecr:GetAuthorizationToken, and the build a way to the ECR API`);
    expect(app.registry.requests).toEqual([]);
  });

  test('without a builder', async () => {
    missing(['Api']);
    delete app.env.BUILDX_BUILDER;
    app.machine.tell('docker', { 'buildx version': { stdout: 'github.com/docker/buildx v0.32.1 x' } });
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/^ERROR: no BuildKit could be started\. /);
    expect(fs.readdirSync(app.machine.path('tmp'))).toEqual([]);
  });

  test('of a context that is not whole, and the other image is', async () => {
    missing(['Api', 'Report']);
    fs.rmSync(path.join(app.assembly, 'asset.Api', 'app.py'));
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(app.built).toEqual(['Report']);
    expect(lines.join('\n')).toContain("ERROR: 'Api' failed: the context of 'Api' is not the one that was synthesized: app.py is missing");
  });
});
