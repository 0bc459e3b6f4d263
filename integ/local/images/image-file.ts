import * as fs from 'fs';
import * as path from 'path';
import { gunzipSync } from 'zlib';
import { Registry } from '../registry/registry';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';

/** A file of an image, as a container of it would read it: from the uppermost layer that has it. */
export async function imageFile(registry: Registry, image: string, manifest: any, file: string): Promise<Buffer> {
  const [, host, repository] = /^([^/]+)\/(.+):[^:/]+$/.exec(image)!;
  for (const layer of [...manifest.layers].reverse()) {
    const directory = freshDirectory('layer');
    const archive = path.join(directory, 'layer.tar');
    fs.writeFileSync(archive, gunzipSync(await registry.blob(host, repository, layer.digest)));
    try {
      await execute('tar', ['--extract', '--file', archive, '--directory', directory, file]);
      return fs.readFileSync(path.join(directory, file));
    } catch {
      continue; // not in this layer
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  }
  throw new Error(`${image} has no ${file}`);
}
