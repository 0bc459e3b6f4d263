import * as fs from 'fs';
import * as path from 'path';
import { gunzipSync } from 'zlib';
import { worldDirectory } from '../world/directories';

/** Every file below a directory, and what is in it. */
export function* filesIn(directory: string): Generator<Buffer> {
  for (const entry of fs.readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) yield fs.readFileSync(path.join(entry.parentPath, entry.name));
  }
}

/** Whether a text is in anything that the registries of this world were given: layers, caches, configurations, records. */
export function isStored(text: string): boolean {
  const directories = fs.readdirSync(worldDirectory('fresh')).filter(name => name.startsWith('registry-'));
  return directories.some(name => [...filesIn(worldDirectory('fresh', name))].some(bytes => unpacked(bytes).includes(text)));
}

function unpacked(bytes: Buffer): Buffer {
  const magic = bytes.subarray(0, 4).toString('hex');
  if (magic === '28b52ffd') throw new Error('one of them is compressed with zstd, which the play cannot read');
  return magic.startsWith('1f8b') ? gunzipSync(bytes) : bytes;
}
