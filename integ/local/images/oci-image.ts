import * as fs from 'fs';
import * as path from 'path';
import { gunzipSync } from 'zlib';
import { ImageTree } from './image-tree';
import { BuildKit } from '../engines/build-kit';
import { parts } from '../parts/parts';
import { execute } from '../world/execute';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface OciManifest {
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface OciBuild {
  readonly buildKit: BuildKit;
  readonly context: string;
  readonly dockerfile: string;
  readonly target?: string;
  readonly options?: readonly string[];
  /** An empty one, for the image. */
  readonly directory: string;
}

/** Builds an image into a directory. A BuildKit that has layers in another compression, for a cache, would write them so. */
export async function buildOciImage({ buildKit, context, dockerfile, target, options = [], directory }: OciBuild): Promise<OciImage> {
  await execute(path.join(parts.bin, 'buildx'), [
    'build', '--provenance=false', '--progress=plain', `--output=type=oci,tar=false,compression=gzip,force-compression=true,dest=${directory}`, `--file=${dockerfile}`,
    ...target ? [`--target=${target}`] : [], ...options, context,
  ], { env: { ...process.env, ...buildKit.environment } });
  return new OciImage(directory);
}

const trees = new Map<string, Buffer>();

/** An image in a directory, as its layers and its configuration say. */
export class OciImage {
  public readonly manifest: OciManifest;

  constructor(private readonly directory: string) {
    const index = JSON.parse(fs.readFileSync(path.join(directory, 'index.json'), 'utf8'));
    this.manifest = JSON.parse(this.blob(index.manifests[0].digest).toString());
  }

  public blob(digest: string): Buffer {
    return fs.readFileSync(path.join(this.directory, 'blobs', ...digest.split(':')));
  }

  /** What a container gets besides the files: environment, command, user, directory, ports. */
  public get config(): object {
    return JSON.parse(this.blob(this.manifest.config.digest).toString()).config;
  }

  /** All files as a container sees them, one line each: type, mode, owner, content. */
  public get tree(): string[] {
    const tree = new ImageTree();
    for (const { digest } of this.manifest.layers) {
      if (!trees.has(digest)) trees.set(digest, gunzipSync(this.blob(digest)));
      tree.apply(trees.get(digest)!);
    }
    return tree.lines;
  }
}
