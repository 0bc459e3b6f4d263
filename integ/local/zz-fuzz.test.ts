import * as fs from 'fs';
import * as path from 'path';
import { BuildKit } from './build-kit';
import { corpus, CorpusEntry } from './dockerfiles/corpus';
import { execute } from './execute';
import { HttpsFront } from './https-front';
import { buildOciImage, OciImage } from './oci-image';
import { parts } from './parts';
import { Registry } from './registry';
import { publishStandIns, standInHosts } from './stand-ins';
import { freshDirectory } from './world';
import { contextFiles } from '../../lib/private/context-files';
import { ContextTree } from '../../lib/private/context-tree';
import { Dockerfile } from '../../lib/private/dockerfile';
import { linkCopies } from '../../lib/private/linked-copies';

// Builds real Dockerfiles with and without the rewriting, and compares the images: every path, type, mode, owner, target of a link and
// digest of a file, and the configuration. The base images are stand-ins, with the directories, links and owners of the real ones.

const ecr = { account: '111111111111', region: 'eu-west-1' };

let front: HttpsFront;
let registry: Registry;
let buildKit: BuildKit;

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


const pick = <T>(random: () => number, items: readonly T[]): T => items[Math.floor(random() * items.length)];
function rng(seed: number) { let s = seed * 2654435761 % 4294967296; return () => { s = (s * 1664525 + 1013904223) % 4294967296; return s / 4294967296; }; }
const bases = ['python:3.12-slim', 'node:20', 'public.ecr.aws/lambda/python:3.12', 'nginx:alpine', 'golang:1.23', 'mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled', 'build', 'debian:bookworm-slim'];
const preps = ['WORKDIR /app', 'WORKDIR /app', 'WORKDIR /data/x', 'WORKDIR rel', 'USER 1000', 'USER root', 'RUN mkdir -p /app/src', 'RUN mkdir -m 700 /data', 'RUN ln -s /opt /l', 'RUN mkdir -p /data && ln -s /srv /data/l',
  'RUN chown 1000 /srv', 'RUN npm ci', 'RUN pip install -t /app x', 'RUN useradd a', 'RUN chmod 777 .', 'RUN cd /srv && mkdir -p z/src', 'RUN touch app', 'RUN mkdir -p x/src && chown -R 1000 x', 'ENV D=/app/e',
  'ARG D=/opt/d', 'RUN rm -rf /app', 'RUN mkdir -p /app && echo > /app/src2', 'COPY src /app/src', 'COPY link /app/l', 'COPY src ./', 'COPY --chown=7 src x', 'COPY --chmod=700 src /data/y/', 'RUN mkdir -p /var/task && ln -s /srv /var/task/t', 'RUN umask 077',
  'COPY --from=build /out /app/', 'COPY --from=build /out ./', 'RUN if true; then mkdir -p /opt/a && chmod 700 /opt/a; fi', 'RUN apk add x', 'RUN install -d -m 750 /srv/q'];
const dests = ['/app/', '/app', './', '.', 'x', 'x/', '/tmp/', '/bin/', '/var/task/', '/var/task', '/opt/a/b', '/opt/a/', '/opt/', '/usr/local/bin/', '/usr/local/bin/tool2', '/srv/', '/srv/q/', '/etc/', '/etc/nginx/conf.d/', '/data/l/', '/data/l', '/data/x/',
  '/app/src', '/app/src/lib', '/app/l/', '/app/src2', '/l/', '/var/lib/a/', '/home/node/', '/root/', '/usr/src/app/', '$D/', '$D', '/', '/new/deep/dir/', '/newfile', 'src', 'app.py', '/app/app.py', '/app/inner', '/var/task/t/', '/srv/z'];
const sources = ['app.py', 'src', 'src/', '*.py', '.', 'link', '--from=build /out', '--from=build /out/file.txt', '--from=build /app', '--from=build /out/inner', '<<EOF', 'app.py other.py', '--from=build /l2'];
const flags = ['', '', '', '', '', '', '--chown=1000:1000', '--chown=1000', '--chown=0:0', '--chmod=700', '--exclude=*.txt'];

test('fuzz', async () => {
  const context = freshDirectory('fuzz');
  fs.mkdirSync(path.join(context, 'src/lib'), { recursive: true });
  for (const name of ['app.py', 'other.py', 'src/a.py', 'src/lib/b.py', 'src/c.txt']) fs.writeFileSync(path.join(context, name), name);
  fs.symlinkSync('src', path.join(context, 'link'));
  const stats = { compared: 0, failed: 0, none: 0 };
  const bad: string[] = [];
  const from = Number(process.env.FUZZ ?? 1);
  const one = async (seed: number) => {
    const random = rng(seed);
    const lines = ['FROM debian:bookworm-slim AS build', 'WORKDIR /app', 'RUN mkdir -p /out/inner /out/src && chmod 700 /out/inner && echo x > /out/file.txt && chown 5 /out/src && ln -s /out /l2 && chmod 777 /out', `FROM ${pick(random, bases)}`];
    for (let i = Math.floor(random() * 4); i > 0; i--) lines.push(pick(random, preps));
    for (let i = 1 + Math.floor(random() * 3); i > 0; i--) {
      const source = pick(random, sources);
      const [f, rest] = source.startsWith('--') ? source.split(' ') : ['', source];
      lines.push(`COPY ${pick(random, flags)} ${f} ${rest} ${pick(random, dests)}`);
      if (source === '<<EOF') lines.push('text', 'EOF');
    }
    const dockerfile = lines.join('\n') + '\n';
    const { content, changes } = link(context, dockerfile);
    if (changes.length === 0) { stats.none++; return; }
    let plain: OciImage;
    try { plain = await build(context, dockerfile); } catch { stats.failed++; return; }
    try {
      const linked = await build(context, content);
      expect(linked.tree).toEqual(plain.tree);
      expect(linked.config).toEqual(plain.config);
      stats.compared++;
    } catch (error) { bad.push(`seed ${seed}\n${content}\n${(error as Error).message.split('\n').filter(l => /^\s*[-+] /.test(l)).slice(0, 8).join('\n')}`); }
  };
  const end = Date.now() + 150_000;
  let seed = from;
  await Promise.all([0, 1, 2].map(async () => { while (Date.now() < end && seed < from + 1000) await one(seed++); }));
  fs.writeFileSync('/tmp/fuzz.log', JSON.stringify({ ...stats, seed }) + '\n' + bad.join('\n=====\n'));
}, 300_000);

function prepare({ name, hasCarriageReturns }: Pick<CorpusEntry, 'name' | 'hasCarriageReturns'>): { context: string; dockerfile: string } {
  const context = freshDirectory(name);
  fs.cpSync(path.join(__dirname, 'dockerfiles', name), context, { recursive: true, verbatimSymlinks: true });
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
