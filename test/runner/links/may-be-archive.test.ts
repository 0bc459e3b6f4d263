import * as fs from 'fs';
import * as path from 'path';
import { gzipSync } from 'zlib';
import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { mayBeArchive } from '../../../runner/links/may-be-archive';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { tarOf } from '../testhelpers/layers';

let context: string;

beforeEach(async () => {
  context = path.join(temporaryDirectory(), 'context');
  fs.mkdirSync(path.join(context, 'dir'), { recursive: true });
  const tar = await tarOf({ name: 'a' });
  const old = Buffer.from(tar);
  old.fill(0, 257, 345); // without its name
  const sum = old.subarray(0, 512).reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
  old.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const files: { [name: string]: string | Buffer } = {
    'plain': 'text',
    'empty': '',
    'long': 'x'.repeat(2000),
    'zeros': Buffer.alloc(2000),
    'short': Buffer.from([0x1f]),
    'a b': 'text',
    'tar': tar,
    'old': old,
    'gzip': gzipSync('x'),
    'bzip2': 'BZh9...',
    'xz': Buffer.from('fd377a585a00', 'hex'),
    'zstd': Buffer.from('28b52ffd00', 'hex'),
    'zstd2': Buffer.from('502a4d1800', 'hex'),
    'dir/a.tar': tar,
  };
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(context, name), content);
  fs.writeFileSync(path.join(context, '..', 'plain-outside'), 'text');
  fs.writeFileSync(path.join(context, 'outside'), tar);
  fs.writeFileSync(path.join(context, '..', 'outside'), 'text');
  fs.symlinkSync('tar', path.join(context, 'link'));
  fs.symlinkSync('/usr', path.join(context, 'absolute'));
});

const asked = (instruction: string) => mayBeArchive(Dockerfile.parse(`FROM a\n${instruction}`).stage()!.instructions[0], context);

test.each([
  'ADD plain /x', 'ADD empty /x', 'ADD long /x', 'ADD zeros /x', 'ADD short /x', 'ADD dir /x', 'ADD . /x', 'ADD plain dir /x/', 'ADD ["a b", "/x"]', 'ADD /plain /x', 'ADD ./dir/../plain /x',
  'ADD --unpack=false tar /x', 'COPY tar /x', 'COPY * /x', 'COPY --from=b tar /x', 'COPY $X /x',
])('%s unpacks nothing', (instruction) => {
  expect(asked(instruction)).toBe(false);
});

test.each([
  'ADD tar /x', 'ADD old /x', 'ADD gzip /x', 'ADD bzip2 /x', 'ADD xz /x', 'ADD zstd /x', 'ADD zstd2 /x', 'ADD plain tar /x/', 'ADD dir/a.tar /x', 'ADD ["tar", "/x"]', 'ADD --unpack=true tar /x', 'COPY --unpack=true tar /x',
])('%s unpacks something', (instruction) => {
  expect(asked(instruction)).toBe(true);
});

test.each(['ADD *.tar /x', 'ADD $X /x', 'ADD not-there /x', 'ADD "plain" /x', 'ADD <<EOF /x\ntext\nEOF', 'ADD plai[n] /x', 'ADD link /x', 'ADD absolute /x', 'ADD absolute/bin /x'])('%s may unpack something', (instruction) => {
  expect(asked(instruction)).toBe(true);
});

test('what leads out of the context does not, as for BuildKit', () => {
  expect(asked('ADD ../outside /x')).toBe(true);
  expect(asked('ADD ../plain /x')).toBe(false);
});

test('a context may be behind a link itself', () => {
  const link = path.join(temporaryDirectory(), 'link');
  fs.symlinkSync(context, link);
  context = link;
  expect([asked('ADD plain /x'), asked('ADD tar /x')]).toEqual([false, true]);
});
