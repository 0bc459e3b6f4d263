import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { freshDirectory } from '../../world/directories';
import { execute } from '../../world/execute';

/**
 * What is copied, by the names that the corpus has for it. A path that ends with a star can be executed, one with an arrow is a link, one that ends with a slash an
 * empty directory, and one with a colon an archive of what follows.
 */
export const contexts: { readonly [name: string]: readonly string[] } = {
  app: [
    'app.py', 'other.py', 'requirements.txt', 'run.sh*', '.env', 'conf/app.ini', 'conf/extra.ini', 'src/a.py', 'src/b.txt', 'src/c.py', 'src/tool.sh*', 'src/lib/d.py',
    'src/lib/e.py', 'src/old/f.py', 'src/old/g.py', 'public/index.html', 'public/css/site.css', 'link -> src',
  ],
  root: ['rootfs/etc/app/app.conf', 'rootfs/usr/local/bin/start.sh*', 'rootfs/opt/app/main', 'rootfs/var/lib/app/data', 'rootfs/tmp/seed', 'bin-and-lib/bin/start*', 'bin-and-lib/lib/app.so', 'other.txt'],
  venv: [
    'venv/bin/python -> /usr/local/bin/python', 'venv/bin/activate', 'venv/lib/python3.12/site-packages/x/__init__.py', 'venv/lib/python3.12/site-packages/x/y.py', 'venv/lib64 -> lib',
    'venv/pyvenv.cfg', 'lib64/python3.12/site-packages/z.py', 'main.py',
  ],
  links: [
    'tree/real/a', 'tree/real/b', 'tree/current -> real', 'tree/file', 'tree/to-file -> file', 'tree/absolute -> /opt/releases', 'tree/dangling -> nowhere', 'tree/up -> ../other',
    'other/c', 'file -> tree/file', 'directory -> tree/real',
  ],
  archives: ['rootfs.tar: etc/tool.conf, usr/local/bin/tool-of-archive*, opt/tool/lib/x', 'links.tar: opt/tool/1/x, opt/tool/current -> 1', 'app.tar.gz: app/main.py, app/lib/x.py', 'plain.txt', 'conf/a.conf'],
  users: ['passwd', 'group', 'src/a', 'src/b'],
  odd: [
    'with blanks/a file', 'ünïcode/☃.txt', 'dollar$sign', "quo'te", 'src/.wh.hidden', 'src/a', 'src/-dash', 'empty/',
    `long/${'directory-with-a-long-name/'.repeat(6)}${'file-with-a-long-name-'.repeat(6)}.txt`, `long/link -> ${'directory-with-a-long-name/'.repeat(6)}`,
  ],
};

/** Of files whose content matters. */
const contents: { readonly [name: string]: string } = {
  passwd: 'root:x:0:0::/root:/bin/sh\nnode:x:77:78::/:/bin/sh\napp:x:4321:4322::/:/bin/sh\n',
  group: 'root:x:0:\napp:x:4322:\n',
};

/** Makes a context in a directory. */
export async function writeContext(directory: string, paths: readonly string[]): Promise<void> {
  for (const text of paths) {
    const [, name, content] = /^(.+\.tar(?:\.gz)?): (.+)$/.exec(text) ?? [];
    if (name) await writeArchive(path.join(directory, name), content.split(', '));
    else writeFile(directory, text);
  }
}

function writeFile(directory: string, text: string): void {
  const [name, target] = text.split(' -> ');
  const file = path.join(directory, name.replace(/\*$/, ''));
  if (name.endsWith('/')) return void fs.mkdirSync(file, { recursive: true });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (target) return fs.symlinkSync(target, file);
  fs.writeFileSync(file, contents[name] ?? `${text}\n${ofItsOwnLength(text)}\n`);
  if (name.endsWith('*')) fs.chmodSync(file, 0o755);
}

async function writeArchive(archive: string, paths: readonly string[]): Promise<void> {
  const directory = freshDirectory('archive');
  await writeContext(directory, paths);
  await execute('tar', ['--create', '--auto-compress', '--file', archive, '--directory', directory, '--sort=name', '--mtime=@0', '--owner=7', '--group=8', '--numeric-owner', '.']);
  fs.rmSync(directory, { recursive: true });
}

/** BuildKit takes files of the same length and time for the same file, and times are not as fine as files are fast. */
function ofItsOwnLength(text: string): string {
  return '.'.repeat(createHash('sha256').update(text).digest().readUInt16LE() % 2000);
}
