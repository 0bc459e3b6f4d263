import * as fs from 'fs';
import * as path from 'path';
import { findAssembly } from '../../../runner/commands/find-assembly';
import { UsageError } from '../../../runner/commands/usage-error';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';

let root: string;

beforeEach(() => { root = temporaryDirectory(); });

/** A folder with a file. */
function folder(name: string, file?: string): string {
  const directory = path.join(root, name);
  fs.mkdirSync(directory, { recursive: true });
  if (file !== undefined) fs.writeFileSync(path.join(directory, file), '{}');
  return directory;
}

const at = (program: string, cwd: string) => ({ program: path.join(program, 'cached-docker-build.cjs'), cwd });

test.each(['manifest.json', 'image-Api.json'])('the program of an assembly, which has a %s, takes that one, wherever it is called', (file) => {
  const own = folder('own', file);
  folder('project/cdk.out', 'manifest.json');
  expect(findAssembly(at(own, folder('project')))).toBe(own);
});

test('the program of the package takes the assembly of the folder that it is called in', () => {
  const usual = folder('project/cdk.out', 'manifest.json');
  expect(findAssembly(at(folder('package/bundle'), folder('project')))).toBe(usual);
});

test('the one that is named comes before all others, and is looked for from the folder that the program is called in', () => {
  folder('project/cdk.out', 'manifest.json');
  const named = folder('project/build/assembly', 'manifest.json');
  expect(findAssembly(at(folder('own', 'manifest.json'), folder('project')), 'build/assembly')).toBe(named);
});

test('a folder that is none is refused, and no other one is taken in its place', () => {
  folder('project/cdk.out', 'manifest.json');
  expect(() => findAssembly(at(folder('package'), folder('project')), 'src')).toThrow(new UsageError(`${root}/project/src is no cloud assembly: `
    + 'synthesize the app (npx cdk synth), and give --app the folder that it writes, which is cdk.out unless you have named another'));
});

test('where there is none, both places are named', () => {
  const [own, project] = [folder('package', 'package.json'), folder('project')];
  expect(() => findAssembly(at(own, project))).toThrow(`there is no cloud assembly where this program is (${own}) and none in ${project}/cdk.out: synthesize the app`);
});
