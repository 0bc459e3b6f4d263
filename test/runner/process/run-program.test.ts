import * as fs from 'fs';
import * as path from 'path';
import { Readable, Writable } from 'stream';
import { pipeline } from 'stream/promises';
import { endAllPrograms, runProgram } from '../../../runner/process/run-program';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { FakePrograms } from '../testhelpers/fake-programs';

const TIMEOUT = 20_000;

let programs: FakePrograms;

beforeEach(() => { programs = new FakePrograms(); });

/** Runs a program in JavaScript. */
async function run(body: string, options: Partial<Parameters<typeof runProgram>[2]> = {}, ...args: string[]) {
  return runProgram('tool', args, { env: programs.add('tool', body).env, timeout: TIMEOUT, ...options });
}

/** Whether a process still runs a moment later. */
async function lives(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      process.kill(pid, 0);
      if (fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].startsWith('Z')) return false; // ended, and nobody has asked how
    } catch {
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

test('both outputs are collected, each for itself', async () => {
  expect(await run("process.stdout.write('out é\\n'); process.stderr.write('err\\n')"))
    .toEqual({ ok: true, stdout: 'out é\n', stderr: 'err\n', reason: '', isMissing: false, wasEnded: false });
});

test('arguments arrive as they are, since no shell sees them', async () => {
  const directory = temporaryDirectory();
  const args = [`$(touch ${directory}/x)`, `\`touch ${directory}/x\``, `;touch ${directory}/x`, 'a b', '', '*', "'", '"', '\n', '-x', 'é'];
  const { stdout } = await run('console.log(JSON.stringify(args))', {}, ...args);
  expect(JSON.parse(stdout)).toEqual(args);
  expect(fs.readdirSync(directory)).toEqual([]);
});

test('it has the environment that it is given, and no other', async () => {
  process.env.A_SECRET_OF_THIS_PROCESS = 'x';
  const { stdout } = await run('console.log(JSON.stringify(process.env))');
  delete process.env.A_SECRET_OF_THIS_PROCESS;
  expect(JSON.parse(stdout)).toEqual(programs.env);
});

test('it gets its input, or an empty one', async () => {
  const body = "process.stdout.write('<' + require('fs').readFileSync(0, 'utf8') + '>')";
  expect((await run(body, { input: 'a\nb' })).stdout).toBe('<a\nb>');
  expect((await run(body)).stdout).toBe('<>');
});

test('one that does not read its input is no error', async () => {
  expect(await run('', { input: 'x'.repeat(1_000_000) })).toMatchObject({ ok: true, reason: '' });
});

test.each([
  ["process.stderr.write('one\\ntwo \\n\\n'); process.exit(3)", 'two'],
  ["process.stdout.write('out'); process.exit(3)", 'it ended with 3'],
  ["process.kill(process.pid, 'SIGKILL')", 'it ended with SIGKILL'],
])('one that fails says why: %s', async (body, reason) => {
  expect(await run(body)).toMatchObject({ ok: false, reason, isMissing: false, wasEnded: false });
});

test('one that is not there is told from one that fails', async () => {
  expect(await runProgram('no-such-tool', [], { env: programs.env, timeout: TIMEOUT }))
    .toEqual({ ok: false, stdout: '', stderr: '', reason: 'it could not be started: spawn no-such-tool ENOENT', isMissing: true, wasEnded: false });
});

test('an argument that is longer than the system takes is a reason and no crash', async () => {
  const { ok, reason } = await run('', {}, 'x'.repeat(200_000));
  expect(ok).toBe(false);
  expect(reason).toBe('it could not be started: an argument or the environment is longer than this machine allows, which is 128 kB for one of them');
});

test('an argument that no program can have is a reason and no crash', async () => {
  expect((await run('', {}, 'a\0b')).reason).toMatch(/^it could not be started: .*null bytes/);
});

test('lines are told as they come, of both outputs', async () => {
  const lines: string[] = [];
  const go = path.join(temporaryDirectory(), 'go');
  // It ends when its first line was heard.
  const outcome = await run(`console.log('first'); const timer = setInterval(() => {
    if (require('fs').existsSync(${JSON.stringify(go)})) { clearInterval(timer); console.error('second'); process.stdout.write('third'); }
  }, 10)`, {
    onLine: (line) => {
      lines.push(line);
      fs.writeFileSync(go, '');
    },
  });
  expect(lines[0]).toBe('first');
  expect(lines.sort()).toEqual(['first', 'second', 'third']);
  expect(outcome).toMatchObject({ ok: true, stdout: '', stderr: '' });
});

test('an output without an end is not collected without an end', async () => {
  const { ok, stdout } = await run("const chunk = 'x'.repeat(65536); for (let i = 0; i < 100; i++) require('fs').writeSync(1, chunk)");
  expect(ok).toBe(true);
  expect(stdout.length).toBeLessThanOrEqual(4 * 1024 * 1024);
  expect(stdout.length).toBeGreaterThan(3 * 1024 * 1024);
});

describe('a program that takes too long', () => {
  const WAITS = 'setInterval(() => {}, 1000);';

  test('is ended, and that is the reason, whatever it says', async () => {
    const start = Date.now();
    expect(await run(`${WAITS} process.stderr.write('busy\\n')`, { timeout: 1000 })).toMatchObject({ ok: false, reason: 'it did not end within 1 seconds', wasEnded: true });
    expect(Date.now() - start).toBeLessThan(8000);
  });

  test('has failed, though it ends with 0 when it is told to end', async () => {
    expect(await run(`process.on('SIGTERM', () => process.exit(0)); ${WAITS}`, { timeout: 1000 })).toMatchObject({ ok: false, wasEnded: true });
  });

  test('is ended with all that it has started, also what does not listen', async () => {
    const file = path.join(temporaryDirectory(), 'pid');
    const child = `process.on('SIGTERM', () => {}); require('fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`;
    await run(`require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' }); ${WAITS}`, { timeout: 1500 });
    expect(await lives(Number(fs.readFileSync(file, 'utf8')))).toBe(false);
  });

  test('can be ended by others', async () => {
    const controller = new AbortController();
    const outcome = run(`console.log('ready'); ${WAITS}`, { signal: controller.signal, onLine: () => controller.abort('nothing came') });
    expect(await outcome).toMatchObject({ ok: false, reason: 'nothing came', wasEnded: true });
  });

  test('is ended at once by a signal that was given before', async () => {
    const controller = new AbortController();
    controller.abort('too late');
    expect(await run(WAITS, { signal: controller.signal })).toMatchObject({ ok: false, reason: 'too late' });
  });
});

test('what a program leaves running is not waited for', async () => {
  const start = Date.now();
  const outcome = await run("require('child_process').spawn('/bin/sleep', ['30'], { stdio: 'inherit', detached: true }).unref(); console.log('done')");
  expect(outcome).toMatchObject({ ok: true, stdout: 'done\n' });
  expect(Date.now() - start).toBeLessThan(15_000);
});

test('all that run are ended with this process', async () => {
  const ended = run("console.log('ready'); setInterval(() => {}, 1000)", { onLine: () => endAllPrograms() });
  expect(await ended).toMatchObject({ ok: false, reason: 'it ended with SIGTERM' });
});

describe('an output that somebody takes', () => {
  async function read(output: Readable): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of output as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  test('comes whole, however large it is, and the lines are those of the other one', async () => {
    let taken: Promise<Buffer> | undefined;
    const lines: string[] = [];
    const outcome = await run("process.stderr.write('one\\ntwo\\n'); process.stdout.write(Buffer.alloc(9000000, 'abc'))", {
      onOutput: (output) => { taken = read(output); }, onLine: (line) => lines.push(line),
    });
    expect(outcome).toMatchObject({ ok: true, stdout: '' });
    expect((await taken!).equals(Buffer.alloc(9_000_000, 'abc'))).toBe(true);
    expect(lines).toEqual(['one', 'two']);
  });

  test.each([['by its bytes', false], ['through a pipeline', true]])('may be read slowly %s, after the program has ended', async (_, isPiped) => {
    let length = 0;
    const slow = async (chunk: Buffer) => {
      if (length === 0) await new Promise((resolve) => { setTimeout(resolve, 2500); });
      length += chunk.length;
    };
    let taken: Promise<void> | undefined;
    await run("process.stdout.write('x'.repeat(180000))", {
      onOutput: (output) => {
        const sink = new Writable({ write: (chunk: Buffer, __, done) => void slow(chunk).then(() => done()) });
        taken = isPiped ? pipeline(output, sink) : (async () => { for await (const chunk of output as AsyncIterable<Buffer>) await slow(chunk); })();
      },
    });
    await taken;
    expect(length).toBe(180_000);
  });

  test('may be left to itself, and the program ends', async () => {
    expect(await run("process.stdout.write('x'.repeat(9000000))", { onOutput: (output) => { output.resume(); } })).toMatchObject({ ok: true });
    expect(await run("process.stdout.on('error', () => process.exit(3)); process.stdout.write('x'.repeat(9000000))", { onOutput: (output) => { output.destroy(); } }))
      .toMatchObject({ ok: false });
  });

  test('is empty where there is no such program', async () => {
    let taken: Promise<Buffer> | undefined;
    const outcome = await runProgram('no-such-program', [], { env: programs.env, timeout: TIMEOUT, onOutput: (output) => { taken = read(output); } });
    expect(outcome).toMatchObject({ ok: false, isMissing: true });
    await expect(taken).resolves.toHaveLength(0);
  });
});
