import * as crypto from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { ContextFile } from './context-files';

/**
 * A hash of names, contents, executable bits and link targets: what a build can see of a context.
 * File times, owners, the machine and the path of the directory are not part of it.
 */
export function hashFiles(directory: string, files: ContextFile[]): string {
  const hash = crypto.createHash('sha256');
  for (const file of files) {
    hash.update(JSON.stringify([file.path, file.type, file.executable ?? false, file.target ?? '']));
    if (file.type === 'file') {
      hash.update(hashFile(path.join(directory, file.path)));
    }
  }
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
