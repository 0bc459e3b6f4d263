import * as crypto from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { ContextManifest } from './image-plan';

/**
 * A hash of names, contents, executable bits and link targets: what a build can see of a context.
 * File times, owners, the machine and the path of the directory are not part of it. Links are not followed.
 *
 * @param onFile is told the hash of each file's content
 */
export function hashContext(
  directory: string, { files, executables, emptyDirectories, links }: Omit<ContextManifest, 'hash'>, onFile?: (file: string, content: Buffer) => void,
): string {
  const executable = new Set(executables);
  const hash = crypto.createHash('sha256');
  for (const file of Object.keys(files).sort()) {
    hash.update(JSON.stringify(['file', file, executable.has(file)]));
    const content = hashFile(path.join(directory, file));
    hash.update(content);
    onFile?.(file, content);
  }
  for (const link of Object.keys(links).sort()) hash.update(JSON.stringify(['link', link, links[link]]));
  for (const empty of [...emptyDirectories].sort()) hash.update(JSON.stringify(['directory', empty]));
  return hash.digest('hex');
}

/** One for all files, since a new one for each keeps the garbage collector busy. */
const chunk = Buffer.allocUnsafe(1024 * 1024);

function hashFile(file: string): Buffer {
  const hash = crypto.createHash('sha256');
  const descriptor = fs.openSync(file, 'r');
  try {
    for (let length = fs.readSync(descriptor, chunk); length > 0; length = fs.readSync(descriptor, chunk)) {
      hash.update(chunk.subarray(0, length));
    }
  } finally {
    fs.closeSync(descriptor);
  }
  return hash.digest();
}
