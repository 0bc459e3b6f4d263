import { RawJsonProgress } from '../../../runner/solve/rawjson-progress';
import { LONGEST_BUILD, solve, Solve } from '../../../runner/solve/solve';
import { collectedLog } from '../testhelpers/collected-log';
import { FakePrograms, prints } from '../testhelpers/fake-programs';
import { fixture } from '../testhelpers/progress-of';

let programs: FakePrograms;
let lines: string[];

beforeEach(() => { programs = new FakePrograms(); });

afterEach(() => jest.restoreAllMocks());

/** A solve with a `docker` that does this. */
async function run(body: string, options: Partial<Solve> = {}) {
  programs.add('docker', body);
  const collected = collectedLog();
  lines = collected.lines;
  return solve({
    program: 'docker', args: ['buildx', 'build', 'a b'], environment: {}, env: programs.env, progress: new RawJsonProgress(), log: collected.log, timeout: LONGEST_BUILD, ...options,
  });
}

const prefixed = (name: string) => prints(...fixture(name).trimEnd().split('\n'));

test('the command is shown first, as one could run it, and then what it does', async () => {
  await run(prefixed('source-change.rawjson'), { environment: { DOCKER_HOST: 'unix:///a b' } });
  expect(lines[0]).toBe("$ DOCKER_HOST='unix:///a b' docker buildx build 'a b'");
  expect(lines.slice(1)).toContain('#1 [internal] load build definition from Dockerfile');
  expect(lines.join('\n')).not.toContain('{"vertexes"');
});

test('the program gets its arguments, the environment of all programs and its own, and no other', async () => {
  await run('', { environment: { A: 'b' } });
  expect(programs.calls).toMatchObject([{ args: ['buildx', 'build', 'a b'], env: { ...programs.env, A: 'b' } }]);
  expect(Object.keys(programs.calls[0].env).sort()).toEqual(['A', 'HOME', 'PATH']);
});

test('what the program has in its environment anyway is not shown', async () => {
  await run('', { env: { ...programs.env, SECRET: 'password' } });
  expect(lines).toEqual(["$ docker buildx build 'a b'"]);
});

test('a solve that succeeds says what its steps were and which caches it read', async () => {
  const outcome = await run(prefixed('source-change.rawjson'));
  expect(outcome).toMatchObject({ ok: true, imports: [{ from: 'cache-app', error: '' }] });
  expect(outcome.steps.filter(({ isCached }) => isCached)).toHaveLength(5);
  expect(outcome.steps).toHaveLength(6);
});

test('both outputs are read', async () => {
  await run("process.stderr.write('one\\n'); process.stdout.write('two\\n')");
  expect(lines.slice(1).sort()).toEqual(['# one', '# two']);
});

describe('a solve that fails says why', () => {
  test('as BuildKit says it', async () => {
    const outcome = await run(`${prefixed('failed-build.rawjson')} process.exitCode = 1;`);
    expect(outcome.ok).toBe(false);
    expect(outcome.error).toEqual({
      vertex: '[stage-1 6/7] RUN echo compiling && false',
      text: expect.stringMatching(/^ERROR: failed to build: failed to solve: process .* did not complete successfully: exit code: 1$/),
    });
    expect(outcome.steps.length).toBeGreaterThan(0);
  });

  test('as an engine that is not there says it', async () => {
    const text = 'ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';
    expect((await run(`console.error(${JSON.stringify(text)}); process.exitCode = 1;`)).error).toEqual({ vertex: '', text });
  });

  test('by its exit code when it says nothing', async () => {
    expect((await run('process.exitCode = 125')).error.text).toBe('it ended with 125');
  });

  test('when there is no such program', async () => {
    const outcome = await run('', { program: 'no-docker' });
    expect(outcome).toMatchObject({ ok: false, steps: [], imports: [], error: { vertex: '', text: 'it could not be started: spawn no-docker ENOENT' } });
  });

  test('when an argument is longer than the system takes', async () => {
    expect((await run('', { args: ['--build-arg', `A=${'x'.repeat(200_000)}`] })).error.text).toMatch(/^it could not be started: an argument or the environment is longer/);
  });

  test('when it takes too long, whatever it says while it is ended', async () => {
    const outcome = await run("process.on('SIGTERM', () => { console.log('ERROR: context canceled'); process.exit(1); }); setInterval(() => {}, 1000)", { timeout: 1000 });
    expect(outcome.error).toEqual({ vertex: '', text: 'it did not end within 1 seconds' });
  });

  test('when another machine is silent, and at which step, whatever it says while it is ended', async () => {
    const name = '[internal] load metadata for docker.io/library/python:3.12';
    const asks = JSON.stringify({ vertexes: [{ digest: 'a', name, started: '2026-01-01T00:00:00Z' }] });
    const cancels = JSON.stringify({ vertexes: [{ digest: 'a', name, started: '2026-01-01T00:00:00Z', completed: '2026-01-01T00:00:01Z', error: 'context canceled' }] });
    const body = `${prints(asks)} process.on('SIGTERM', () => { ${prints(cancels, 'ERROR: context canceled')} process.exit(1); }); setInterval(() => {}, 1000)`;
    // Some time after its question, two minutes go by.
    const real = Date.now;
    let skipped = 0;
    const clock = setInterval(() => { skipped = (lines ?? []).some((line) => line.includes('load metadata')) ? 120_000 : 0; }, 300);
    jest.spyOn(Date, 'now').mockImplementation(() => real() + skipped);
    const outcome = await run(body);
    clearInterval(clock);
    expect(outcome).toMatchObject({ ok: false, error: { vertex: name, text: `nothing came for 90 seconds during '${name}'` } });
  });
});

test('another machine may take long, as long as something is heard', async () => {
  const asks = JSON.stringify({ vertexes: [{ digest: 'a', name: '[internal] load metadata for docker.io/library/a', started: '2026-01-01T00:00:00Z' }] });
  // With each line, a minute goes by.
  const real = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => real() + 60_000 * (lines ?? []).length);
  const outcome = await run(`${prints(asks)} let count = 0; const timer = setInterval(() => { console.log('still here'); if (++count === 4) clearInterval(timer); }, 1100)`);
  expect(outcome.ok).toBe(true);
  expect(lines).toHaveLength(6);
});

test('output that is no progress, or garbage, is shown and harms nothing', async () => {
  const outcome = await run(`process.stdout.write(Buffer.from([0xff, 0xfe, 10, 0x7b, 10])); ${prints('$(touch x)', '\x1b[2J', 'ERROR: x')}`);
  expect(outcome.ok).toBe(true);
  expect(lines.slice(1)).toEqual(['# \uFFFD\uFFFD', '# {', '# $(touch x)', '# [2J', '# ERROR: x']);
});

test('lines of many kilobytes take no time', async () => {
  const start = Date.now();
  await run("for (let i = 0; i < 50; i++) process.stdout.write(' '.repeat(44000) + '\\r'.repeat(44000) + 'x\\n')");
  expect(lines).toHaveLength(51);
  expect(Date.now() - start).toBeLessThan(5000);
});
