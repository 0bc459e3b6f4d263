import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { parts } from './parts/parts';
import { prepare } from './parts/prepare';
import { isolate } from './world/isolate';

/**
 * Runs the tests in `tests/` for real: `npx ts-node -T integ/local/run.ts [arguments of jest]`. Without arguments, all of them, each file in a
 * world of its own and two at the same time, since a build waits more than it computes.
 */
async function main(): Promise<number> {
  await prepare();
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'play-'));
  const given = process.argv.slice(2);
  try {
    const waiting = given.length > 0 ? [inTests(given)] : testFiles().map(file => ['--verbose=false', '--runTestsByPath', file]);
    const played: Played[] = [];
    const playAll = async (lane: string) => {
      // Two worlds give their processes the same numbers, by which jest names the files that it writes, so they share no cache.
      const cache = ['--cacheDirectory', parts.directory('jest', lane)];
      for (let args = waiting.shift(); args; args = waiting.shift()) played.push(await play([...cache, ...args], path.join(directory, `${waiting.length}.json`)));
    };
    await Promise.all([playAll('one'), playAll('other')]);
    return report(played);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

/** A pattern is meant for what is here, and not for the folders that this lies in. */
function inTests([first, ...others]: readonly string[]): string[] {
  return [first.startsWith('-') ? first : `/integ/local/.*(${first})`, ...others];
}

/** It takes minutes, and says by its size nothing of that: what it plays is in lists. */
const LONGEST = path.join('faults', 'faults.test.ts');

/** The long ones first, so that none is left over at the end. */
function testFiles(): string[] {
  const tests = path.join(__dirname, 'tests');
  const files = fs.readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.test.ts')).map(name => path.join(tests, name));
  const weight = (file: string) => (file.endsWith(LONGEST) ? Infinity : fs.statSync(file).size);
  return files.sort((one, other) => weight(other) - weight(one));
}

interface Played {
  readonly code: number;
  /** What jest says at its end, if it gets there. */
  readonly results?: Results;
}

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Those that are skipped. */
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly success: boolean;
}

async function play(args: readonly string[], results: string): Promise<Played> {
  const code = await isolate([
    process.execPath, require.resolve('jest/bin/jest'), '--config', path.join(__dirname, 'jest.config.json'), '--runInBand', '--forceExit',
    '--json', '--outputFile', results, ...args,
  ]);
  return { code, results: fs.existsSync(results) ? JSON.parse(fs.readFileSync(results, 'utf8')) : undefined };
}

/** The last line says how it went. A world without an end is no success, nor is one in which nothing has the name that was asked for. */
function report(worlds: readonly Played[]): number {
  const passed = worlds.reduce((sum, { results }) => sum + (results?.numPassedTests ?? 0), 0);
  const failed = worlds.reduce((sum, { results }) => sum + (results ? results.numFailedTests + results.numRuntimeErrorTestSuites : 1), 0);
  const skipped = worlds.reduce((sum, { results }) => sum + (results?.numPendingTests ?? 0), 0);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  const byName = process.argv.some(argument => /^(-t$|--testNamePattern)/.test(argument));
  const isPlayed = (results: Results) => results.numPassedTests > 0 || (!byName && results.numPendingTests > 0);
  return worlds.every(({ code, results }) => code === 0 && results?.success && isPlayed(results)) ? 0 : 1;
}

void main().then(code => process.exit(code), error => {
  console.error(error);
  process.exit(1);
});
