import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { isolate } from './isolate';
import { prepare } from './prepare';

/**
 * Runs the tests of this folder for real: `npx ts-node -T integ/local/run.ts [arguments of jest]`. Without arguments, all of them in two worlds
 * at the same time, since a build waits more than it computes.
 */
async function main(): Promise<number> {
  await prepare();
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'play-'));
  const given = process.argv.slice(2);
  try {
    const worlds = given.length > 0 ? [given] : halves().map(files => ['--runTestsByPath', ...files]);
    return report(await Promise.all(worlds.map(async (args, index) => play(args, path.join(directory, `${index}.json`)))));
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

/** All tests in two parts of about the same size. */
function halves(): string[][] {
  const tests = fs.readdirSync(__dirname).filter(name => name.endsWith('.test.ts')).map(name => path.join(__dirname, name));
  const parts = [{ size: 0, files: [] as string[] }, { size: 0, files: [] as string[] }];
  for (const { file, size } of tests.map(name => ({ file: name, size: fs.statSync(name).size })).sort((one, other) => other.size - one.size)) {
    const [smaller] = parts.sort((one, other) => one.size - other.size);
    smaller.files.push(file);
    smaller.size += size;
  }
  return parts.map(({ files }) => files);
}

interface Played {
  readonly code: number;
  /** What jest says at its end, if it gets there. */
  readonly results?: {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
    readonly numRuntimeErrorTestSuites: number;
    readonly success: boolean;
  };
}

async function play(args: readonly string[], results: string): Promise<Played> {
  const code = await isolate([
    process.execPath, require.resolve('jest/bin/jest'), '--config', path.join(__dirname, 'jest.config.json'), '--runInBand', '--forceExit',
    '--json', '--outputFile', results, ...args,
  ]);
  return { code, results: fs.existsSync(results) ? JSON.parse(fs.readFileSync(results, 'utf8')) : undefined };
}

/** The last line says how it went; a world without a test, or without an end, is no success. */
function report(worlds: readonly Played[]): number {
  const passed = worlds.reduce((sum, { results }) => sum + (results?.numPassedTests ?? 0), 0);
  const failed = worlds.reduce((sum, { results }) => sum + (results ? results.numFailedTests + results.numRuntimeErrorTestSuites : 1), 0);
  console.log(`${passed} passed, ${failed} failed`);
  return worlds.every(({ code, results }) => code === 0 && results?.success && results.numPassedTests > 0) ? 0 : 1;
}

void main().then(code => process.exit(code), error => {
  console.error(error);
  process.exit(1);
});
