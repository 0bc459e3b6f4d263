import { gunzipSync } from 'zlib';
import { ImageTree } from './image-tree';
import { Registry } from '../registry/registry';

/** What a container sees of an image. */
export interface ImageContent {
  /** Environment, command, user, directory, ports. */
  readonly config: object;
  /** All files, one line each: type, mode, owner, content. */
  readonly tree: readonly string[];
}

const archives = new Map<string, Buffer>();

/** Reads an image back from a registry, as its layers and its configuration say. */
export async function readPushedImage(registry: Registry, image: string): Promise<ImageContent> {
  const [, host, repository] = /^([^/]+)\/(.+?)[:@]/.exec(image)!;
  const { manifest } = await registry.manifest(image);
  const { config } = JSON.parse((await registry.blob(host, repository, manifest.config.digest)).toString());
  const tree = new ImageTree();
  for (const { digest } of manifest.layers) {
    if (!archives.has(digest)) archives.set(digest, gunzipSync(await registry.blob(host, repository, digest)));
    tree.apply(archives.get(digest)!);
  }
  return { config, tree: tree.lines };
}
