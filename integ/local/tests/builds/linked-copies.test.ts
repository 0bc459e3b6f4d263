import * as fs from 'fs';
import * as path from 'path';
import { contextFiles } from '../../../../lib/context/context-files';
import { ContextTree } from '../../../../lib/context/context-tree';
import { Dockerfile } from '../../../../lib/dockerfile/dockerfile';
import { linkCopies } from '../../../../lib/dockerfile/linked-copies';
import { corpus, CorpusEntry } from '../../apps/dockerfiles/corpus';
import { randomContext, randomDockerfile } from '../../apps/dockerfiles/random-dockerfile';
import { BuildKit } from '../../engines/build-kit';
import { buildOciImage, OciImage } from '../../images/oci-image';
import { publishStandIns, standInHosts } from '../../images/stand-ins';
import { parts } from '../../parts/parts';
import { HttpsFront } from '../../registry/https-front';
import { Registry } from '../../registry/registry';
import { freshDirectory } from '../../world/directories';
import { execute } from '../../world/execute';

// Builds real Dockerfiles with and without the rewriting, and compares the images: every path, type, mode, owner, target of a link and
// digest of a file, and the configuration. The base images are stand-ins, with the directories, links and owners of the real ones.

const ecr = { account: '111111111111', region: 'eu-west-1' };

let front: HttpsFront;
let registry: Registry;
let buildKit: BuildKit;
const plainImages = new Map<string, OciImage>();

beforeAll(async () => {
  front = await HttpsFront.start();
  registry = await Registry.start({ front, ecr: [ecr], open: standInHosts });
  buildKit = await BuildKit.fresh();
  await publishStandIns(registry, buildKit);
}, 600_000);

afterAll(async () => {
  await buildKit.wipe();
  await registry.stop();
  await front.stop();
});

test.each(corpus)('$name makes the same image with linked copies', async (entry) => {
  const { context, dockerfile } = prepare(entry);
  const { content, changes, left } = link(context, dockerfile);
  expect(changes.map(({ line }) => line)).toEqual(entry.linked);
  const reasons = Object.entries(entry.left).map(([line, reason]) => ({ line: Number(line), reason: expect.stringContaining(reason) }));
  expect(left).toEqual(reasons.map(reason => expect.objectContaining(reason)));
  const unchanged = (text: string) => text.replace(/ --link(?![=\w])/g, '').replace(/\/$/gm, ''); // a slash may be new, at an end
  expect(unchanged(content)).toBe(unchanged(dockerfile));

  const plain = await build(context, dockerfile);
  plainImages.set(entry.name, plain);
  if (content === dockerfile) return; // it builds, and there is nothing to compare
  const linked = await build(context, content);
  expect(linked.tree).toEqual(plain.tree);
  expect(linked.config).toEqual(plain.config);
});

test('Dockerfiles made at random make the same image with linked copies', async () => {
  const context = freshDirectory('random');
  fs.mkdirSync(path.join(context, 'src/lib'), { recursive: true });
  for (const [name, target] of randomContext.map(entry => entry.split(' -> '))) {
    if (target) fs.symlinkSync(target, path.join(context, name));
    else fs.writeFileSync(path.join(context, name), name);
  }
  let compared = 0;
  for (let seed = 1; compared < 10; seed++) {
    const dockerfile = randomDockerfile(seed);
    const { content, changes } = link(context, dockerfile);
    const plain = changes.length > 0 ? await build(context, dockerfile).catch(() => undefined) : undefined;
    if (!plain) continue;
    const linked = await build(context, content);
    expect({ seed, content, tree: linked.tree, config: linked.config }).toEqual({ seed, content, tree: plain.tree, config: plain.config });
    compared++;
  }
});

test.each(corpus.filter(({ isTricky }) => isTricky))('$name would not, if every copy were linked', async (entry) => {
  const { context, dockerfile } = prepare(entry);
  const plain = plainImages.get(entry.name) ?? await build(context, dockerfile);
  const naive = await build(context, dockerfile.replace(/^(COPY|ADD) (?!--link)/gm, '$1 --link ')).then(({ tree }) => tree, (error: Error) => error.message);
  expect(naive).not.toEqual(plain.tree);
});

describe('a source change on a new machine', () => {
  const base = 'FROM public.ecr.aws/lambda/python:3.13\nRUN pip install requests -t /var/task\n';
  const megabyte = 1_000_000;

  beforeAll(() => registry.createRepository(ecr, 'images'));

  test('downloads no layer with linked copies', async () => {
    const dockerfile = `${base}COPY app /var/task/app/\nCOPY requirements.txt ./\n`;
    expect(await downloadOfSecondBuild('linked', directory => link(directory, dockerfile).content)).toBeLessThan(0.1 * megabyte);
  });

  test.each([
    ['plain', 'copies without --link', 'COPY app /var/task/app/\n'],
    ['workdir', 'a WORKDIR behind a linked copy', 'COPY --link app /var/task/app/\nWORKDIR /var/task/app\n'],
    ['chmod', 'a linked copy with --chmod', 'COPY --link --chmod=755 app /var/task/app/\n'],
    ['mixed', 'a copy that is not linked behind one that is', 'COPY --link app /var/task/app/\nCOPY requirements.txt ./\n'],
  ])('downloads all of them with %s: %s', async (name, _, copies) => {
    expect(await downloadOfSecondBuild(name, () => base + copies)).toBeGreaterThan(20 * megabyte);
  });
});

function prepare({ name, hasCarriageReturns }: Pick<CorpusEntry, 'name' | 'hasCarriageReturns'>): { context: string; dockerfile: string } {
  const context = freshDirectory(name);
  fs.cpSync(path.join(__dirname, '../../apps/dockerfiles', name), context, { recursive: true, verbatimSymlinks: true });
  // as context.sh does it
  for (const entry of fs.readdirSync(context, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink()) fs.chmodSync(file, entry.isDirectory() || fs.statSync(file).mode % 0o200 >= 0o100 ? 0o755 : 0o644);
  }
  const dockerfile = fs.readFileSync(path.join(context, 'Dockerfile'), 'utf8');
  return { context, dockerfile: hasCarriageReturns ? dockerfile.replace(/\n/g, '\r\n') : dockerfile };
}

function link(context: string, dockerfile: string) {
  return linkCopies(Dockerfile.parse(dockerfile), { context: new ContextTree(context, contextFiles(context, undefined)) });
}

async function build(context: string, content: string): Promise<OciImage> {
  return buildOciImage({ buildKit, context, dockerfile: write(content), directory: freshDirectory('image') });
}

function write(dockerfile: string): string {
  const file = path.join(freshDirectory('dockerfile'), 'Dockerfile');
  // The image of the frontend cannot be downloaded here. BuildKit has the same one inside.
  fs.writeFileSync(file, dockerfile.replace(/^# syntax *=/, '# SYNTAX :'));
  return file;
}

/** Builds, changes the source, and builds again with a BuildKit that knows nothing: bytes of layers that it gets. */
async function downloadOfSecondBuild(name: string, dockerfileOf: (context: string) => string): Promise<number> {
  const { context } = prepare({ name: 'python-lambda' });
  const image = `${Registry.ecrHost(ecr)}/images`;
  const login = freshDirectory('login');
  const auth = Buffer.from(`AWS:${ecr.account}-auth-token`).toString('base64');
  fs.writeFileSync(path.join(login, 'config.json'), JSON.stringify({ auths: { [Registry.ecrHost(ecr)]: { auth } } }));
  let before = 0;
  for (const source of ['first', 'second']) {
    fs.writeFileSync(path.join(context, 'app/handler.py'), `# ${source}\n`);
    const machine = await BuildKit.fresh();
    before = registry.traffic.snapshot();
    try {
      await execute(path.join(parts.bin, 'buildx'), [
        'build', '--provenance=false', '--progress=plain', `--file=${write(dockerfileOf(context))}`, `--output=type=image,name=${image}:${name}-${source},push=true`,
        `--cache-from=type=registry,ref=${image}:cache-${name}`, `--cache-to=type=registry,ref=${image}:cache-${name},mode=max,image-manifest=true`, context,
      ], { env: { ...process.env, ...machine.environment, DOCKER_CONFIG: login } });
    } finally {
      await machine.wipe();
    }
  }
  return registry.traffic.since(before).blobs.down;
}
