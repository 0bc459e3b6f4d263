import * as fs from 'fs';
import * as path from 'path';
import { Size } from './size';
import { baseImages } from '../integ/local/base-images';
import { randomBytes } from '../integ/local/random-bytes';
import { Registry } from '../integ/local/registry';

/** What the Dockerfiles of the benchmark start from. */
export const baseImage = { full: 'public.ecr.aws/bench/python:3.11', slim: 'public.ecr.aws/bench/python-slim:3.11' };

export async function publishBaseImages(registry: Registry, { base, slimBase }: Size): Promise<void> {
  for (const [image, megabytes] of [[baseImage.full, base], [baseImage.slim, slimBase]] as const) {
    const made = await baseImages.filledPython(`bench-python-${megabytes}`, root => fill(path.join(root, 'usr/lib/ballast'), megabytes));
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
