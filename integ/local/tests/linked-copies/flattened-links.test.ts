import * as fs from 'fs';
import * as path from 'path';
import { DockerContext } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { readPushedImage } from '../../images/pushed-image';
import { expectSuccess } from '../../machine/code-build';
import { freshDirectory } from '../../world/directories';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';

// The source as the synthesis gets it: a clone, or what CodePipeline makes of one by itself, where links are files with the path that they lead to.

let lab: Lab;
let repository: string;

beforeAll(async () => {
  lab = await Lab.start();
  repository = freshDirectory('repository');
  fs.cpSync(path.join(__dirname, '../../../example'), repository, { recursive: true });
  const files = { 'report/Dockerfile': 'FROM scratch\nCOPY src /src/\nCOPY --from=shared . /shared/\n', 'shared/lib/tool': 'tool' };
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(repository, file)), { recursive: true });
    fs.writeFileSync(path.join(repository, file), content);
  }
  fs.symlinkSync('app.py', path.join(repository, 'report/src/main.py'));
  fs.symlinkSync('lib/tool', path.join(repository, 'shared/tool'));
  await execute('git', ['init', '--quiet', repository]);
  await execute('git', ['-C', repository, 'add', '--all']);
  await execute('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--message', 'a']);
}, 600_000);

afterAll(async () => lab.stop());

/** Builds from a checkout; gives what the image holds in place of the links, and the warnings of the synthesis. */
async function build(name: string, hasLinks: boolean): Promise<{ tag: string; links: string[]; warnings: string[] }> {
  const checkout = freshDirectory('checkout');
  const app = new ExampleApp(lab, { name, images: { Report: { buildContexts: { shared: DockerContext.directory(path.join(checkout, 'shared')) } } }, contexts: checkout });
  await execute('git', ['-c', `core.symlinks=${hasLinks}`, 'clone', '--quiet', repository, checkout]);
  if (!hasLinks) fs.rmSync(path.join(checkout, '.git'), { recursive: true });
  const { assembly } = app.synth();
  const warnings = fs.readdirSync(assembly).filter(file => file.endsWith('.json')).flatMap(file => (
    fs.readFileSync(path.join(assembly, file), 'utf8').match(/some files of the context hold nothing but[^;]*;/g) ?? []));
  const { image } = expectSuccess(await app.build('Report')) as ExampleBuild;
  const { tree } = await readPushedImage(lab.registry, image);
  return { tag: image.replace(/.*:/, ''), links: tree.filter(line => /^\/(src\/main\.py|shared\/tool) /.test(line)), warnings };
}

test('links that the source has lost are said at synthesis, of the context and of further ones, since the image holds their text', async () => {
  const clone = await build('Cloned', true);
  expect(clone.links).toEqual(['/shared/tool link 777 0:0 lib/tool', '/src/main.py link 777 0:0 app.py']);
  expect(clone.warnings).toEqual([]);

  const zip = await build('Zipped', false);
  expect(zip.links).toEqual([expect.stringMatching(/^\/shared\/tool file 644 /), expect.stringMatching(/^\/src\/main\.py file 644 /)]);
  expect([...new Set(zip.warnings)].sort()).toEqual([expect.stringContaining('src/main.py (app.py)'), expect.stringContaining('tool (lib/tool)')]);
  expect(zip.tag).not.toBe(clone.tag);
});
