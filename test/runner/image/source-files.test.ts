import * as fs from 'fs';
import * as path from 'path';
import { restoreContext } from '../../../runner/image/context';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { BuildMachine } from '../testhelpers/build-machine';
import { BuildSetup } from '../testhelpers/build-setup';

let setup: BuildSetup;
let outside: string;

beforeEach(() => {
  setup = new BuildSetup(new BuildMachine());
  outside = temporaryDirectory();
  setup.write('image-source/app/Dockerfile', 'FROM scratch\n');
  setup.write('image-source/shared/Dockerfile', 'FROM scratch\n');
});

const source = (file: string) => path.join(setup.input, 'image-source', file);
const restore = (context = 'image-source/app', dockerfile = 'Dockerfile') => restoreContext(setup.job({ context, dockerfile, dockerfileContent: undefined, contextFiles: undefined }));

function replace(file: string, target: string): void {
  fs.rmSync(source(file), { recursive: true, force: true });
  fs.symlinkSync(target, source(file));
}

test('a source is taken as it is, with links to its own files and with links in its context, wherever they lead', () => {
  expect(() => restore()).not.toThrow();
  replace('app/Dockerfile', '../shared/Dockerfile');
  fs.symlinkSync('app', source('link'));
  fs.symlinkSync('/etc/passwd', source('app/passwd'));
  expect(() => restore('image-source/link')).not.toThrow();
});

test('the source itself is a link, which the build has made', () => {
  fs.renameSync(path.join(setup.input, 'image-source'), path.join(outside, 'source'));
  fs.symlinkSync(path.join(outside, 'source'), path.join(setup.input, 'image-source'));
  expect(() => restore()).not.toThrow();
  expect(() => restore('image-source')).toThrow('the source has no file image-source/Dockerfile');
});

test.each<[string, () => void]>([
  ['app', () => replace('app', outside)],
  ['app', () => replace('app', '../..')],
  ['app/Dockerfile', () => replace('app/Dockerfile', path.join(outside, 'Dockerfile'))],
  ['app/Dockerfile.dockerignore', () => replace('app/Dockerfile.dockerignore', path.join(outside, 'Dockerfile'))],
  ['app/.dockerignore', () => replace('app/.dockerignore', path.join(outside, 'Dockerfile'))],
])('%s must not lead out of the source', (place, plant) => {
  fs.writeFileSync(path.join(outside, 'Dockerfile'), 'FROM scratch\n');
  fs.writeFileSync(path.join(path.dirname(setup.input), 'Dockerfile'), 'FROM scratch\n');
  plant();
  expect(() => restore()).toThrow(`image-source/${place} is behind a link that leads out of the source, to /`);
});

test('a Dockerfile of the plan is no file of the source', () => {
  const job = setup.job({ context: 'image-source/app', dockerfileContent: 'FROM scratch\n', contextFiles: undefined });
  expect(() => restoreContext(job)).not.toThrow();
  replace('app', outside);
  expect(() => restoreContext(job)).toThrow('image-source/app is behind a link that leads out of the source, to /');
});

test('a folder whose name only begins as that of the source is outside of it', () => {
  setup.write('image-source-of-another/Dockerfile', 'FROM scratch\n');
  replace('app', '../image-source-of-another');
  expect(() => restore()).toThrow('leads out of the source');
});

test('a folder or a Dockerfile that is not there is said', () => {
  expect(() => restore('image-source/nothing')).toThrow(/^the source has no folder image-source\/nothing$/);
  expect(() => restore('image-source/app/Dockerfile')).toThrow(/^the source has no folder image-source\/app\/Dockerfile$/);
  expect(() => restore('image-source/app', 'docker/Other')).toThrow(/^the source has no file image-source\/app\/docker\/Other, the Dockerfile of '.+'$/);
  replace('app/Dockerfile', 'nothing');
  expect(() => restore()).toThrow(/^the source has no file image-source\/app\/Dockerfile/);
});
