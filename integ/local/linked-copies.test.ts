import * as fs from 'fs';
import * as path from 'path';
import { publishBaseImages } from './base-images';
import { BuildKit } from './build-kit';
import { corpus, CorpusEntry } from './dockerfiles/corpus';
import { execute } from './execute';
import { HttpsFront } from './https-front';
import { buildOciImage, OciImage } from './oci-image';
import { Registry } from './registry';
import { publishStandIns, standInHosts } from './stand-ins';
import { freshDirectory } from './world';
import { contextFiles } from '../../lib/private/context-files';
import { ContextTree } from '../../lib/private/context-tree';
import { Dockerfile } from '../../lib/private/dockerfile';
import { linkCopies } from '../../lib/private/linked-copies';

let front: HttpsFront;
let registry: Registry;
let buildKit: BuildKit;

beforeAll(async () => {
  front = await HttpsFront.start();
  registry = await Registry.start({ front, ecr: [{ account: '111111111111', region: 'eu-west-1' }], open: standInHosts });
  await publishBaseImages(registry);
  buildKit = await BuildKit.fresh();
  await publishStandIns(registry, buildKit);
}, 600_000);

afterAll(async () => {
  await buildKit.wipe();
  await registry.stop();
  await front.stop();
});

test.each(corpus)('$name: the image is the same with linked copies', async (entry) => {
  const { context, dockerfile } = prepare(entry);
  const links = link(context, dockerfile);
  console.log(entry.name, links.changes.map(c => c.line), JSON.stringify(links.left, null, 1));
  const [plain, linked] = [await build(context, dockerfile), await build(context, links.content)];
  expect(linked.tree).toEqual(plain.tree);
  expect(linked.config).toEqual(plain.config);
});

function prepare({ name, hasCarriageReturns }: CorpusEntry): { context: string; dockerfile: string } {
  const context = freshDirectory(name);
  fs.cpSync(path.join(__dirname, 'dockerfiles', name), context, { recursive: true, verbatimSymlinks: true });
  for (const entry of fs.readdirSync(context, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink()) fs.chmodSync(file, entry.isDirectory() || (fs.statSync(file).mode & 0o100) ? 0o755 : 0o644);
  }
  const dockerfile = fs.readFileSync(path.join(context, 'Dockerfile'), 'utf8');
  return { context, dockerfile: hasCarriageReturns ? dockerfile.replace(/\n/g, '\r\n') : dockerfile };
}

function link(context: string, dockerfile: string) {
  return linkCopies(Dockerfile.parse(dockerfile), { context: new ContextTree(context, contextFiles(context, undefined)) });
}

async function build(context: string, content: string): Promise<OciImage> {
  const directory = freshDirectory('image');
  const dockerfile = path.join(freshDirectory('dockerfile'), 'Dockerfile');
  fs.writeFileSync(dockerfile, content);
  return buildOciImage({ buildKit, context, dockerfile, directory });
}
