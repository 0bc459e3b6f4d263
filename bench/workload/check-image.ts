import * as fs from 'fs';
import * as path from 'path';
import { Registry } from '../../integ/local/registry/registry';
import { freshDirectory } from '../../integ/local/world/directories';
import { execute } from '../../integ/local/world/execute';

/** Throws unless the image in the registry holds these files with this content: a fast build of something else is no result. */
export async function checkImage(registry: Registry, image: string, expected: { readonly [file: string]: string }): Promise<void> {
  const { manifest } = await registry.manifest(image);
  for (const [file, content] of Object.entries(expected)) {
    const found = await read(registry, image, manifest.layers.map((layer: { digest: string }) => layer.digest), file);
    if (found !== content) throw new Error(`${image} holds another ${file}: ${JSON.stringify(found)} instead of ${JSON.stringify(content)}`);
  }
}

/** What files are in layers looked at before, by digest and file; a layer never changes, and unpacking takes its time. */
const known = new Map<string, string | undefined>();

/** A file as a container would read it, from the uppermost layer that has it. */
async function read(registry: Registry, image: string, layers: readonly string[], file: string): Promise<string | undefined> {
  for (const digest of [...layers].reverse()) {
    const key = `${digest} ${file}`;
    if (!known.has(key)) known.set(key, await readFromLayer(registry, image, digest, file));
    const content = known.get(key);
    if (content !== undefined) return content;
  }
  return undefined;
}

async function readFromLayer(registry: Registry, image: string, digest: string, file: string): Promise<string | undefined> {
  const [, host, repository] = /^([^/]+)\/(.+):[^:/]+$/.exec(image)!;
  const directory = freshDirectory('layer');
  const archive = path.join(directory, 'layer.tar.gz');
  try {
    fs.writeFileSync(archive, await registry.blob(host, repository, digest));
    // the first occurrence ends the reading, where there is one
    for (const name of [file, `./${file}`]) {
      const found = await execute('tar', ['--extract', '--to-stdout', '--occurrence', '--gzip', '--file', archive, name]).catch(() => undefined);
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}
