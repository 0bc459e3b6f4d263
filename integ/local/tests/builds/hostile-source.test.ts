import { execFileSync, spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { SourceApp } from '../../apps/source-app';
import { publishBaseImages } from '../../images/base-images';
import { readReport } from '../../machine/build-report';
import { expectSuccess } from '../../machine/code-build';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

// Whoever writes the source of an image decides what its steps run, and nothing else of the build machine.

let lab: Lab;
let machine: string;
let secret: string;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry);
  machine = freshDirectory('machine');
  secret = path.join(machine, 'secret');
  fs.writeFileSync(secret, 'secret-of-the-machine');
}, 600_000);

afterAll(async () => lab.stop());

/** Makes a folder a git repository by itself, as one can commit it, whose configuration names the program that brings a commit which it does not have. */
function plantRepository(folder: string, program: string): void {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', folder]);
  fs.writeFileSync(path.join(folder, 'refs/heads/main'), `${'1'.repeat(40)}\n`);
  fs.writeFileSync(path.join(folder, 'config'), [
    '[core]', 'repositoryformatversion = 1', 'bare = false', 'worktree = .', '[extensions]', 'partialClone = origin', '[remote "origin"]', 'url = .', 'promisor = true', `uploadpack = ${program}`, '',
  ].join('\n'));
}

test('a source that is a git repository of its own kind starts no program', async () => {
  const app = new SourceApp(lab, 'app');
  const mark = path.join(machine, 'mark');
  const program = path.join(app.source, 'program');
  app.write('program', `#!/bin/sh\ntouch ${mark}\n`);
  fs.chmodSync(program, 0o755);
  app.write('app/Dockerfile', 'FROM docker.io/library/busybox:stable\nCOPY Dockerfile /\n');
  plantRepository(path.join(app.source, 'app'), program);
  expect(spawnSync('git', ['show', '--quiet', 'HEAD', '--'], { cwd: path.join(app.source, 'app') }).status).not.toBe(0);
  expect(fs.existsSync(mark)).toBe(true); // the trap works
  fs.rmSync(mark);
  const { log } = expectSuccess(await app.build('1111111aaaa'));
  expect(readReport(log).result).toBe('built');
  expect(fs.existsSync(mark)).toBe(false);
});

test.each<[string, (app: SourceApp) => void]>([
  ['context', (app) => fs.symlinkSync(machine, path.join(app.source, 'app'))],
  ['folder above the context', (app) => fs.symlinkSync('/', path.join(app.source, 'services'))],
  ['Dockerfile', (app) => {
    app.write('app/main', '');
    fs.symlinkSync(secret, path.join(app.source, 'app/Dockerfile'));
  }],
  ['ignore file', (app) => {
    app.write('app/Dockerfile', 'FROM docker.io/library/busybox:stable\nCOPY . /\n');
    fs.symlinkSync(secret, path.join(app.source, 'app/.dockerignore'));
  }],
])('a source whose %s is a link to the machine is not built', async (what, plant) => {
  const app = new SourceApp(lab, what === 'folder above the context' ? path.join('services', machine) : 'app');
  fs.writeFileSync(path.join(machine, 'Dockerfile'), 'FROM docker.io/library/busybox:stable\nCOPY . /\nRUN cat secret\n');
  plant(app);
  const { ok, log } = await app.build('2222222bbbb');
  expect(log).not.toContain('secret-of-the-machine');
  expect(log).toContain('behind a link that leads out of the source');
  expect(ok).toBe(false);
});

test('a source may have links to its own files', async () => {
  const app = new SourceApp(lab, 'app');
  app.write('services/app/main', 'main');
  app.write('shared/Dockerfile', 'FROM docker.io/library/busybox:stable\nCOPY main /\n');
  fs.symlinkSync('services/app', path.join(app.source, 'app'));
  fs.symlinkSync('../../shared/Dockerfile', path.join(app.source, 'services/app/Dockerfile'));
  const { log } = expectSuccess(await app.build('3333333cccc'));
  expect(readReport(log).result).toBe('built');
});
