import { spawnSync } from 'child_process';
import fs from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import { contextFiles } from '../../../../lib/context/context-files';
import { BuiltStages } from '../../../../lib/dockerfile/built-stages';
import { ContextView } from '../../../../lib/dockerfile/context-view';
import { Dockerfile } from '../../../../lib/dockerfile/dockerfile';
import { missingSources } from '../../../../lib/dockerfile/missing-sources';
import { BuildKit } from '../../engines/build-kit';
import { parts } from '../../parts/parts';

// Where advice says that a copy will fail, it fails, and nowhere else; of wildcards it says nothing.

const FILES = ['a/b/c.txt', 'a/b/d.txt', 'ignored', 'run.sh', 'é b'];
const LINKS = { 'shared': 'a/b', 'a/up': '../empty', 'a/root': '/a/b/c.txt', 'outside': '../other/x', 'dangling': 'x', 'loop': 'loop', 'above': '../a' };

const LINES = [
  'COPY a /', 'COPY a/ /x/', 'COPY /a/b/c.txt /', 'COPY ../a /', 'COPY ../../a/./b/../b /', 'COPY . /', 'COPY / /', 'COPY empty /', 'COPY shared /', 'COPY shared/c.txt /',
  'COPY a/up /x/', 'COPY a/root /', 'COPY above /', 'COPY outside /', 'COPY dangling /', 'COPY loop /', 'COPY nothing /', 'COPY a nothing /x/', 'COPY A /', 'COPY ignored /',
  'COPY a/b/c.txt/d /', 'COPY shared/x /', 'COPY a/b/*.md /x/', 'COPY no*thing /', 'COPY run.sh nothing* /x/', 'ADD nothing /', 'ADD run.sh /', 'COPY ["é b", "/"]',
  'COPY ["nothing", "/"]', 'COPY <<EOF /x\nnothing\nEOF', 'ARG NAME=nothing\nCOPY ${NAME} /', 'ARG NAME=run.sh\nCOPY $NAME /',
];

let buildKit: BuildKit;
let context: string;

beforeAll(async () => {
  buildKit = await BuildKit.fresh();
  context = fs.mkdtempSync(join(tmpdir(), 'missing-sources-'));
  for (const file of FILES) {
    fs.mkdirSync(dirname(join(context, file)), { recursive: true });
    fs.writeFileSync(join(context, file), '');
  }
  fs.mkdirSync(join(context, 'empty'));
  Object.entries(LINKS).forEach(([name, target]) => fs.symlinkSync(target, join(context, name)));
  fs.writeFileSync(join(context, '.dockerignore'), 'ignored');
});

afterAll(async () => {
  fs.rmSync(context, { recursive: true });
  await buildKit.wipe();
});

test.each(LINES)('%s', (line) => {
  const content = `FROM scratch\n${line}\n`;
  const advice = missingSources(new BuiltStages(Dockerfile.parse(content), {}), new ContextView(contextFiles(context, 'ignored')));
  const { status, stderr } = spawnSync('docker', ['buildx', 'build', '--progress=plain', '--output=type=cacheonly', '--file=-', context], {
    input: content, encoding: 'utf8', env: { ...process.env, ...buildKit.environment, PATH: `${parts.bin}:${process.env.PATH}` },
  });
  const fails = status !== 0 && !line.includes('*');
  expect({ fails, stderr }).toMatchObject({ fails: advice.length > 0 });
});
