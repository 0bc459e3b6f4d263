import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { isolate } from './isolate';
import { prepare } from './prepare';

/** Runs the tests of this folder for real: `npx ts-node -T integ/local/run.ts [arguments of jest]`. */
async function main(): Promise<number> {
  await prepare();
  const results = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'play-')), 'results.json');
  try {
    const jest = require.resolve('jest/bin/jest');
    const code = await isolate([
      process.execPath, jest, '--config', path.join(__dirname, 'jest.config.json'), '--runInBand', '--forceExit',
      '--json', '--outputFile', results, ...process.argv.slice(2),
    ]);
    return report(results, code);
  } finally {
    fs.rmSync(path.dirname(results), { recursive: true });
  }
}

/** The last line says how it went; a run without a test is no success. */
function report(file: string, code: number): number {
  if (!fs.existsSync(file)) {
    console.log('0 passed, 0 failed');
    return code || 1;
  }
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, success } = JSON.parse(fs.readFileSync(file, 'utf8'));
  console.log(`${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`);
  return code !== 0 || !success || numPassedTests === 0 ? code || 1 : 0;
}

void main().then(code => process.exit(code), error => {
  console.error(error);
  process.exit(1);
});
