import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { bundleRunner } from '../../projenrc/bundle-runner';
import { temporaryDirectory } from '../testhelpers/temporary-directory';

let directory: string;
let bundle: string;

beforeEach(() => {
  directory = temporaryDirectory();
  bundle = path.join(directory, 'runner.cjs');
  bundleRunner(bundle);
});

test('the runner is one file of at most 660 kB that needs nothing beside it', () => {
  expect(fs.readdirSync(directory)).toEqual(['runner.cjs']);
  expect(fs.statSync(bundle).size).toBeLessThanOrEqual(660_000);
  const { status, stdout } = spawnSync(process.execPath, [bundle, '--help'], { cwd: '/', encoding: 'utf8' });
  expect(stdout).toMatch(/^Usage: /);
  expect(status).toBe(0);
});

test('it can be started by its name, as npm and packages for other languages do', () => {
  fs.renameSync(bundle, path.join(directory, 'program'));
  const { status, stdout } = spawnSync(path.join(directory, 'program'), ['--help'], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^Usage: /)]);
});

test('it carries the licences of what is in it', () => {
  const content = fs.readFileSync(bundle, 'utf8');
  for (const name of ['commander', 'dockerfile-ast', 'https-proxy-agent', 'proxy-from-env']) expect(content).toMatch(new RegExp(`^/\\*! ${name} [\\d.]+\\n\\n[^]*?\\*/`, 'm'));
  expect(content).toContain('Permission is hereby granted, free of charge');
});

test('it says which Node.js it needs where there is an older one', () => {
  const older = path.join(directory, 'older.js');
  fs.writeFileSync(older, "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '16.20.0' } });");
  const { status, stdout } = spawnSync(process.execPath, ['--require', older, bundle, '--help'], { encoding: 'utf8' });
  expect(stdout).toMatch(/^ERROR: the build image has Node\.js 16\.20\.0, and 18 or later is needed: [^\n]+\n$/);
  expect(status).toBe(1);
});
