import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine, BUILDSPEC, fixture, found, HOST, manifest, NOT_FOUND, plan, refused, REPOSITORY } from './build-machine';

const CACHE = `${HOST}/team/cache`;
const CACHED = { CACHE_LOCATION: `type=registry,ref=${CACHE}:`, CACHE_TAG: 'cache-1', CACHE_EXPORT: 'mode=max' };
const VERSION = { version: { stdout: 'Kaniko version :  v1.28.3\n' } };
const BUILT = { '--context *': { stderr: fixture('kaniko-first-build.txt') } };

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine();
  machine.remember({ 'plan.json': plan(), 'tag': 'v1', 'registry.curl': 'user = "AWS:x"\n', 'started': '0' });
  fs.mkdirSync(path.join(machine.home, '.docker'));
  fs.writeFileSync(path.join(machine.home, '.docker', 'config.json'), '{"auths":{}}');
  machine.tell('executor', { ...VERSION, ...BUILT });
});

/** The arguments of each build. */
const builds = () => machine.argumentsOf('executor').filter(([command]) => command !== 'version');

/** The values of an argument that may be given several times. */
const given = (name: string, build = builds()[0]) => build.flatMap((argument, index) => build[index - 1] === name ? argument : []);

/** What BuildKit knows without being told. */
const PLATFORM = ['BUILD', 'TARGET'].flatMap((of) => ['PLATFORM=linux/amd64', 'OS=linux', 'ARCH=amd64', 'VARIANT='].flatMap((value) => ['--build-arg', of + value]));

test('the least of a build', async () => {
  const { code, stderr } = await machine.run('build-with-kaniko.sh');
  expect([code, stderr]).toEqual([0, '']);
  expect(builds()).toEqual([[
    '--context', path.join(machine.sourceDirectory, 'asset.1'),
    '--dockerfile', path.join(machine.buildDirectory, 'dockerfile', 'Dockerfile'),
    '--custom-platform', 'linux/amd64',
    '--destination', `${REPOSITORY}:v1`,
    '--digest-file', path.join(machine.buildDirectory, 'kaniko.digest'),
    '--push-ignore-immutable-tag-errors',
    '--preserve-context', '--pre-cleanup', '--cleanup', '--ignore-path', machine.sourceDirectory, '--ignore-path', machine.buildDirectory,
    '--ignore-var-run=false', '--credential-helpers=', '--compressed-caching=false', '--log-format', 'color', ...PLATFORM,
  ]]);
  expect(machine.recall('result')).toBe('built');
  expect(machine.recall('pushed')).toBe('v1');
  expect(machine.recall('builder.description')).toBe('kaniko v1.28.3, unprivileged');
  expect(machine.recall('phases')).toMatch(/^build \d+\n$/);
  expect(machine.calls('curl')).toEqual([]);
});

test('the most of a build', async () => {
  machine.remember({ 'plan.json': plan({ target: 'final', platform: 'linux/arm64', buildArgs: { A: 'a b\n$(touch x)', B: '' } }) });
  machine.registry({ 'GET none': NOT_FOUND });
  await machine.run('build-with-kaniko.sh', CACHED);
  expect(builds()[0].slice(-11)).toEqual([
    '--target', 'final', '--build-arg', 'A=a b\n$(touch x)', '--build-arg', 'B=',
    '--cache=true', '--cache-copy-layers', '--cache-repo', CACHE, '--cache-ttl', '87600h',
  ].slice(-11));
  expect(given('--custom-platform')).toEqual(['linux/arm64']);
});

test('the Dockerfile comes from the plan, and what was ignored once is not ignored again', async () => {
  machine.remember({ 'plan.json': plan({ dockerfile: 'docker/Dockerfile.prod', dockerfileContent: 'FROM scratch\nCOPY . /\n' }) });
  machine.write('asset.1/.dockerignore', '*\n');
  await machine.run('build-with-kaniko.sh');
  const [dockerfile] = given('--dockerfile');
  expect(fs.readFileSync(dockerfile, 'utf-8')).toBe('FROM scratch\nCOPY . /\n');
  expect(fs.readFileSync(`${dockerfile}.dockerignore`, 'utf-8')).toBe('');
});

test('a source has its own Dockerfile and ignore file', async () => {
  machine.remember({ 'plan.json': plan({ context: 'source/api', dockerfile: 'docker/Dockerfile', dockerfileContent: undefined }) });
  const dockerfile = machine.write('source/api/docker/Dockerfile', 'FROM scratch\n');
  expect((await machine.run('build-with-kaniko.sh')).code).toBe(0);
  expect(given('--dockerfile')).toEqual([dockerfile]);
  expect(given('--ignore-path')).toContain(path.join(machine.sourceDirectory, 'source/api'));
});

test('a source that is a link is left where it leads to', async () => {
  machine.remember({ 'plan.json': plan({ context: 'image-source', dockerfileContent: undefined }) });
  const dockerfile = machine.write('elsewhere/Dockerfile', 'FROM scratch\n');
  fs.symlinkSync(path.dirname(dockerfile), path.join(machine.sourceDirectory, 'image-source'));
  expect((await machine.run('build-with-kaniko.sh')).code).toBe(0);
  expect([given('--context'), given('--dockerfile')]).toEqual([[path.dirname(dockerfile)], [dockerfile]]);
  expect(given('--ignore-path')).toContain(path.dirname(dockerfile));
});

test('steps make files that all can read, as in any container', async () => {
  machine.tell('executor', { ...VERSION, '--context *': { run: 'umask' } });
  expect((await machine.run('build-with-kaniko.sh')).stdout).toMatch(/^0022$/m);
});

test('a source without the Dockerfile fails the build', async () => {
  machine.remember({ 'plan.json': plan({ context: 'source/api', dockerfileContent: undefined }) });
  const { code, stderr } = await machine.run('build-with-kaniko.sh');
  expect([code, stderr]).toEqual([1, '\nERROR: the source has no source/api/Dockerfile\n\n']);
});

describe('a Dockerfile of a source that asks for what kaniko cannot do', () => {
  test.each([
    ['RUN --mount=type=secret,id=token cat /run/secrets/token', 2, '--mount=type=secret,id=token', 'it keeps a secret as a file that every step can read, whether it mounts the secret or not'],
    ['run \\\n  # a comment\n\n  --mount=type=cache,target=/x --mount=id=token,type=secret y', 2, '--mount=id=token,type=secret', 'it keeps a secret as a file'],
    ['ONBUILD RUN --mount=type=secret x', 2, '--mount=type=secret', 'it keeps a secret as a file'],
    ['RUN --mount=type=ssh git clone x', 2, '--mount=type=ssh', 'it has no SSH agent for a step, and passes over the mount'],
    ['RUN --mount=type=tmpfs,target=/x y', 2, '--mount=type=tmpfs,target=/x', 'it passes over the mount, so what the step leaves there would be in the image'],
    ['RUN --mount=from=busybox,target=/x y', 2, '--mount=from=busybox,target=/x', 'it leaves a mount of another stage or image out'],
    ['RUN --mount=type=cache,target=/x,from=a y', 2, '--mount=type=cache,target=/x,from=a', 'it leaves a mount of another stage or image out'],
    ['RUN --mount=type=bind,source=x,target=x y', 2, '--mount=type=bind,source=x,target=x', 'it takes the target from / and not from the WORKDIR'],
    ['RUN <<"EOF"\nx\nEOF', 2, '<<"EOF"', 'its shell would expand the here-document before sh gets it'],
    ['ADD --chown=1:1 x.tar.gz /x', 2, '/x', 'it leaves the files of an archive to the owners in it'],
    ['FROM b\nCOPY --from=a /* /x', 3, '/*', 'it would take the files of the build'],
    ['FROM --platform=linux/arm64 b', 2, '--platform=linux/arm64', 'it builds for linux/amd64 only'],
    ['RUN --network=none x', 2, '--network=none', 'it passes over that flag'],
    ['COPY --parents a/b /x', 2, '--parents', 'it passes over that flag'],
    ['ADD --checksum=sha256:1 https://example.com/x /x', 2, '--checksum=sha256:1', 'it passes over that flag'],
    ['ADD https://example.com/team/repository.git#main /x', 2, 'https://example.com/team/repository.git#main', 'it would download a page instead of the repository'],
    ['FROM b\nCOPY --from=A / /x', 3, '/', 'it would take the files of the build with those of the stage, since all are in one container'],
    ['FROM b\nCOPY --chown=1 --from=0 ./ /x', 3, './', 'it would take the files of the build with those of the stage'],
  ])('fails for %j', async (text, line, what, why) => {
    machine.remember({ 'plan.json': plan({ context: 'source', dockerfileContent: undefined }) });
    machine.write('source/Dockerfile', `FROM scratch AS a\r\n${text}\nCMD x`);
    const { code, stderr } = await machine.run('build-with-kaniko.sh');
    expect(code).toBe(1);
    expect(stderr).toContain(`\nERROR: DockerBuilder.kaniko() cannot do what Dockerfile asks for: line ${line} has ${what}, and ${why}`);
    expect(stderr.endsWith('; use DockerBuilder.buildkit() for this image\n\n')).toBe(true);
    expect(builds()).toEqual([]);
  });

  test('fails for another frontend', async () => {
    machine.remember({ 'plan.json': plan({ context: 'source', dockerfileContent: undefined }) });
    machine.write('source/Dockerfile', '# escape=`\n# syntax = example/frontend\nFROM scratch\n');
    expect((await machine.run('build-with-kaniko.sh')).stderr).toContain('line 2 has # syntax = example/frontend, and it has no frontends');
  });

  test.each([
    '# syntax=example/frontend', // behind the first instruction it is a comment
    'RUN echo --mount=type=secret',
    '# RUN --mount=type=secret x',
    'RUN sh <<EOF\nx\nEOF',
    'ADD --chown=1:1 https://example.com/x.tar.gz /x',
    'RUN --mount=type=bind,source=x,target=/x y',
    'COPY --from=busybox / /x',
    'COPY . /x',
    'COPY --from=a /x /',
    'ADD https://example.com/x.tar.gz /x',
  ])('does not for %j', async (text) => {
    machine.remember({ 'plan.json': plan({ context: 'source', dockerfileContent: undefined }) });
    machine.write('source/Dockerfile', `FROM scratch AS a\nFROM scratch\n${text}\nCMD x`);
    expect((await machine.run('build-with-kaniko.sh')).code).toBe(0);
  });
});

test('what kaniko has to do as BuildKit does, it is told in the environment', async () => {
  await machine.run('build-with-kaniko.sh');
  const { environment } = machine.calls('executor').find(({ args }) => args[0] !== 'version')!;
  expect(environment).toMatchObject({ FF_KANIKO_COPY_AS_ROOT: 'true', FF_KANIKO_RESOLVE_CACHE_KEY: 'true', FF_KANIKO_SKIP_CACHED_STAGES: 'true' });
});

test('the credentials lie where kaniko leaves them alone', async () => {
  await machine.run('build-with-kaniko.sh');
  const { environment } = machine.calls('executor').find(({ args }) => args[0] !== 'version')!;
  expect(environment.DOCKER_CONFIG).toBe(path.join(machine.buildDirectory, 'docker'));
  const file = path.join(environment.DOCKER_CONFIG, 'config.json');
  expect(fs.readFileSync(file, 'utf-8')).toBe('{"auths":{}}');
  expect((fs.statSync(file).mode % 0o1000).toString(8)).toBe('600');
});

test('with a refresh period, no layer is young enough', async () => {
  machine.remember({ 'plan.json': plan({ refreshPeriod: 7 }) });
  machine.registry({ 'GET none': NOT_FOUND });
  await machine.run('build-with-kaniko.sh', CACHED);
  expect(given('--cache-ttl')).toEqual(['0s']);
});

test('nothing is started while kaniko has the files, and its colors are not shown', async () => {
  const { stdout } = await machine.run('build-with-kaniko.sh');
  expect(stdout).toContain('\nINFO[0000] No cached layer found for cmd WORKDIR /build\n');
  expect(stdout).not.toMatch(/\x1b| $|credential providers/m);
  // as a build that lost all programs would show its lines
  const { code, stdout: shown } = await machine.bash(
    `set -euo pipefail; shopt -s extglob; source '${BUILDSPEC}/silent-mirrors.sh'; source <(sed -n '/^show()/,/^}/p' '${BUILDSPEC}/build-with-kaniko.sh'); PATH=/none; show end <<<$'\\e[36mINFO\\e[0m[0000] text   '`);
  expect([code, shown]).toEqual([0, 'INFO[0000] text\n']);
});

test('a mirror that never answers does not hold the build, and nothing but a mirror ends it', async () => {
  const mirrors = { IMAGE_MIRRORS: 'docker.io=mirror.example.com/hub' };
  const say = (...lines: string[]) => `printf '%b\\n' ${lines.map((line) => `'\\e[36mINFO\\e[0m[0000] ${line} '`).join(' ')}`;
  const asks = [say('Retrieving image busybox:stable from mapped registry mirror.example.com', 'all credential helpers disabled')];
  const run = async (...commands: string[]) => machine.bash(`set -euo pipefail; shopt -s extglob
    for script in state mirrors silent-mirrors; do source "${BUILDSPEC}/$script.sh"; done; patience=1
    source <(sed -n '/^show()/,/^}/p' '${BUILDSPEC}/build-with-kaniko.sh')
    executor() { ${commands.join('; ')}; }; { watched executor || printf 'ended\n'; printf 'end of kaniko\n'; } | show 'end of kaniko'`, mirrors);
  expect((await run(...asks, 'sleep 600')).stdout).toMatch(/^ended$/m);
  expect(machine.recall('mirrors.silent')).toBe('docker.io=mirror.example.com/hub it did not answer for 1 seconds');
  machine.remember({ 'mirrors.silent': '' });
  expect((await run(...asks, say('Built cross stage deps: map[]'), 'sleep 2.5', say('Pushed'))).stdout).toMatch(/Pushed/);
  expect((await run(say('Retrieving image a.b/c:1 from mapped registry mirror.example.com'), 'sleep 2.5', say('Pushed'))).stdout).toMatch(/Pushed/);
  expect(machine.recall('mirrors.silent')).toBe('');
});

describe('a build that failed', () => {
  /** Fails the first time. */
  const failsOnce = (error: string) => machine.tell('executor', {
    ...VERSION,
    '--context *': { run: `if [[ ! -e "$TMPDIR/failed" ]]; then touch "$TMPDIR/failed"; printf '%s\\n' '${error}' >&2; exit 1; fi` },
  });

  test.each([
    [`error building image: error building stage: failed to execute command: extracting fs from image: GET https://${HOST}/v2/team/cache/blobs/sha256:1: BLOB_UNKNOWN: gone`,
      'error building stage: failed to execute command: extracting fs from image: '],
    ['panic: Assertion violated [executor.compositekey.key-match]: another key', 'Assertion violated [executor.compositekey.key-match]: another key'],
  ])('by a layer of the cache is done once more, with new layers: %s', async (error, reason) => {
    machine.registry({ 'GET none': NOT_FOUND });
    failsOnce(error);
    const { code, stderr } = await machine.run('build-with-kaniko.sh', CACHED);
    expect([code, stderr]).toEqual([0, 'the layer cache failed the build, so it is built again without\n']);
    expect(builds().map((build) => given('--cache-ttl', build))).toEqual([['87600h'], ['87600h', '0s']]);
    expect(machine.recall('cache.unread')).toContain(reason);
  });

  test.each([
    ['by a step', CACHED, 'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 3'],
    ['without a cache', {}, `error building image: extracting fs from image: GET https://${HOST}/v2/team/base/blobs/sha256:1: BLOB_UNKNOWN: gone`],
  ])('%s is not', async (_, environment, error) => {
    machine.registry({ 'GET none': NOT_FOUND, 'GET v1': NOT_FOUND });
    failsOnce(error);
    expect((await machine.run('build-with-kaniko.sh', environment)).code).toBe(1);
    expect(builds()).toHaveLength(1);
  });
});

describe('the report', () => {
  const report = async (log: string, environment = CACHED, registry = NOT_FOUND) => {
    machine.tell('executor', { ...VERSION, '--context *': { stderr: fixture(log) } });
    machine.registry({ 'GET none': registry, 'GET v1': found(manifest()) });
    const { code, stdout, stderr } = await machine.bash(`cd '${BUILDSPEC}'; bash ./build-with-kaniko.sh >/dev/null && bash ./report.sh`, environment);
    return { code, stderr, line: (name: string) => new RegExp(`^${name} +(.*)$`, 'm').exec(stdout)?.[1] };
  };

  test('says that nothing was cached yet', async () => {
    const { line, stderr } = await report('kaniko-first-build.txt');
    expect([line('steps'), line('cache read'), line('cache written'), stderr]).toEqual(['0 cached, 6 run', 'no, there is none yet or nothing of it fits', 'yes', '']);
  });

  test('counts steps of stages that were left out', async () => {
    const { line, stderr } = await report('kaniko-source-change.txt');
    expect([line('steps'), line('cache read'), line('cache written'), stderr]).toEqual(['5 cached, 1 run', 'yes', 'yes', '']);
  });

  test('says why a cache was neither read nor written', async () => {
    const { line, stderr } = await report('kaniko-refused-cache.txt', CACHED, refused(403, 'DENIED', 'not for you'));
    expect(line('steps')).toBe('0 cached, 6 run');
    expect(line('cache read')).toMatch(/^no, the registry denies it \(HTTP 403\): .*not for you/);
    expect(line('cache written')).toMatch(new RegExp(`^no, failed to push to destination ${CACHE}:.*403`));
    expect(stderr).toContain('WARNING: the layer cache was not written, so the next build may be slower: ');
    expect(stderr).toContain('WARNING: the layer cache could not be read: the registry denies it (HTTP 403)');
  });

  test('says that the repository of the cache is not there', async () => {
    const { line } = await report('kaniko-first-build.txt', CACHED, refused(404, 'NAME_UNKNOWN'));
    expect(line('cache read')).toBe(`no, the repository ${CACHE} is missing`);
  });

  test('a cache that is required fails the build when it is not written', async () => {
    const { code, stderr } = await report('kaniko-refused-cache.txt', { ...CACHED, CACHE_REQUIRED: 'true' } as typeof CACHED);
    expect(code).toBe(1);
    expect(stderr).toContain('the cache was declared with ignoreErrors: false');
  });
});

test('a cache in another registry is asked with the password of that one', async () => {
  machine.registry({ 'GET none': NOT_FOUND });
  machine.tell('aws', { 'ecr get-login-password --region us-east-1': { stdout: 'other' } });
  machine.stub('docker-credential-ecr-login', 'exit 1');
  await machine.run('build-with-kaniko.sh', { ...CACHED, CACHE_LOCATION: 'type=registry,ref=222222222222.dkr.ecr.us-east-1.amazonaws.com/cache:' });
  expect(machine.recall('cache.curl')).toBe('user = "AWS:other"\n');
  expect(machine.argumentsOf('curl')[0].slice(-1)).toEqual(['https://222222222222.dkr.ecr.us-east-1.amazonaws.com/v2/cache/manifests/none']);
});

describe('mirrors', () => {
  const MIRRORS = { IMAGE_MIRRORS: 'docker.io=mirror.example.test/hub public.ecr.aws=mirror.example.test/public' };

  test('are asked instead of their registries, and nobody else is', async () => {
    await machine.run('build-with-kaniko.sh', MIRRORS);
    expect(given('--registry-map')).toEqual(['index.docker.io=mirror.example.test/hub', 'public.ecr.aws=mirror.example.test/public']);
    expect(builds()[0]).toContain('--skip-default-registry-fallback');
  });

  test('one that fails is left out of a second try, and that is said', async () => {
    const failing = fixture('kaniko-failing-mirror.txt');
    machine.tell('executor', { ...VERSION, '*index.docker.io=*': { stderr: failing, code: 1 }, ...BUILT });
    const { code, stderr } = await machine.run('build-with-kaniko.sh', MIRRORS);
    expect(code).toBe(0);
    expect(given('--registry-map', builds()[1])).toEqual(['public.ecr.aws=mirror.example.test/public']);
    expect(machine.recall('mirrors.failed')).toBe('docker.io=mirror.example.test/hub ');
    expect(stderr).toContain('WARNING: the mirror mirror.example.test/hub of docker.io failed, base images come from docker.io itself: '
      + 'ERROR: error building image: image not found on any configured mapped registries for busybox:stable; failed to resolve source metadata for docker.io/busybox:stable: ');
  });

  test('one that fails ends the build, if it must', async () => {
    machine.tell('executor', { ...VERSION, '--context *': { stderr: fixture('kaniko-failing-mirror.txt'), code: 1 } });
    const { code, stderr } = await machine.run('build-with-kaniko.sh', { ...MIRRORS, IMAGE_MIRRORS_REQUIRED: 'true' });
    expect(code).toBe(1);
    expect(stderr).toContain('ERROR: the mirror mirror.example.test/hub of docker.io failed, and the builder was declared with fallbackToUpstream: false: ');
    expect(builds()).toHaveLength(1);
  });
});

test('a build that fails ends with the reason above', async () => {
  machine.tell('executor', { ...VERSION, '--context *': { stderr: 'error building image: no\n', code: 3 } });
  machine.registry({ 'GET v1': NOT_FOUND });
  const { code, stdout, stderr } = await machine.run('build-with-kaniko.sh');
  expect([code, stdout, stderr]).toEqual([1, 'error building image: no\n', '\nERROR: the image could not be built or pushed, the reason stands above\n\n']);
});

test('an image that another build pushed meanwhile is taken', async () => {
  machine.tell('executor', { ...VERSION, '--context *': { stderr: 'error pushing image: no\n', code: 1 } });
  machine.registry({ 'GET v1': found(manifest()) });
  expect((await machine.run('build-with-kaniko.sh')).code).toBe(0);
  expect(machine.recall('result')).toBe('built by another build at the same time');
});

test('a tag that is immutable and taken is that of another build', async () => {
  machine.tell('executor', { ...VERSION, '--context *': { stderr: `\x1b[36mINFO\x1b[0m[0000] Immutable tag error ignored for ${REPOSITORY}@sha256:1\n` } });
  await machine.run('build-with-kaniko.sh');
  expect(machine.recall('result')).toBe('built by another build at the same time');
});

test('a build image without kaniko fails the build', async () => {
  fs.rmSync(machine.path('bin', 'executor'));
  const { code, stderr } = await machine.run('build-with-kaniko.sh');
  expect([code, stderr]).toEqual([1, '\nERROR: there is no kaniko: the build image has to be ghcr.io/osscontainertools/kaniko:<version>-alpine, or one made from it\n\n']);
});

test('nothing is built when the image is there already', async () => {
  machine.remember({ result: 'already there' });
  expect(await machine.run('build-with-kaniko.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
});
