import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { Size } from './size';
import { baseImages } from '../../integ/local/images/base-images';
import { randomBytes } from '../../integ/local/images/random-bytes';
import { Registry } from '../../integ/local/registry/registry';

/** What the Dockerfiles of the benchmark start from: stand-ins with names that the library knows. */
export const baseImage = { full: 'public.ecr.aws/docker/library/python:3.11', slim: 'public.ecr.aws/docker/library/python:3.11-slim' };

export async function publishBaseImages(registry: Registry, { base, slimBase, dependencies, hashing }: Size): Promise<void> {
  const pip = fs.readFileSync(path.join(__dirname, 'pip.py'), 'utf8');
  const pipSize = JSON.stringify({ dependencies, hashing });
  for (const [image, megabytes] of [[baseImage.full, base], [baseImage.slim, slimBase]] as const) {
    const hash = createHash('sha256').update(pip + pipSize).digest('hex').slice(0, 8);
    const made = await baseImages.filledPython(`bench-python-${megabytes}-${hash}`, root => {
      fill(path.join(root, 'usr/lib/ballast'), megabytes);
      fs.mkdirSync(path.join(root, 'usr/local/bin'), { recursive: true });
      fs.writeFileSync(path.join(root, 'usr/local/bin/pip'), pip, { mode: 0o755 });
      fs.writeFileSync(path.join(root, 'etc/pip.json'), pipSize);
    });
    await made.publish(registry, image);
  }
}

/** Thousands of files that compress about as programs do. */
function fill(directory: string, megabytes: number) {
  const text = words(4e6);
  const fileSize = 60_000;
  for (let file = 0; file * fileSize < megabytes * 1e6; file++) {
    const folder = path.join(directory, `${file % 100}`);
    fs.mkdirSync(folder, { recursive: true });
    const start = randomBytes(`place of ${file}`, 4).readUInt32LE() % (text.length - fileSize);
    fs.writeFileSync(path.join(folder, `${file}.txt`), text.subarray(start, start + fileSize));
  }
}

function words(size: number): Buffer {
  const vocabulary = randomBytes('vocabulary', 3 * 5000).toString('hex').match(/.{6}/g)!;
  const choice = randomBytes('text', size / 7 * 2);
  const text: string[] = [];
  for (let i = 0; i + 1 < choice.length; i += 2) text.push(vocabulary[choice.readUInt16LE(i) % vocabulary.length]);
  return Buffer.from(text.join(' '));
}
