import * as fs from 'fs';
import { pipeline } from 'stream/promises';
import { ImageManifest } from '../layers/image-content';
import { LayerStore } from '../layers/layer-store';
import { verified } from '../layers/verified';
import { inParallel } from '../process/in-parallel';
import { WorkDirectory } from '../process/work-directory';
import { Manifest, RegistryClient } from '../registry/registry-client';
import { Failure } from '../report/failure';

export interface ImageCopy {
  readonly manifest: Manifest;
  readonly from: RegistryClient;
  readonly to: RegistryClient;
  /** Where its layers may be on this machine. */
  readonly store?: Pick<LayerStore, 'blob'>;
  /** The tag that it gets there. */
  readonly tag: string;
  readonly work: WorkDirectory;
}

/** How much of an image was not there yet. */
export interface CopiedBlobs {
  readonly count: number;
  readonly bytes: number;
}

const CONCURRENT_COPIES = 4;

/**
 * Brings an image from one repository into another, whoever may use which of them: BuildKit has one login for a registry, and the roles that may use
 * a cache and those that may publish are not the same. What is there already stays where it is.
 */
export async function copyImage({ manifest, from, to, store, tag, work }: ImageCopy): Promise<CopiedBlobs> {
  const { config, layers } = JSON.parse(manifest.body.toString()) as ImageManifest;
  const sizes = new Map([config, ...layers].map(({ digest, size }) => [digest, size]));
  const blobs = [...sizes.keys()];
  const isThere = await inParallel(blobs, 8, async (digest) => to.hasBlob(digest));
  const missing = blobs.filter((_, index) => !isThere[index]);
  await inParallel(missing, CONCURRENT_COPIES, async (digest) => {
    const bytes = store?.blob(digest) ?? await from.blob(digest);
    if (!bytes) throw new Failure(`the layer ${digest} of the image is gone from the repository of the cache`);
    const file = work.path(`blob-${blobs.indexOf(digest)}`);
    await pipeline(verified(bytes as AsyncIterable<Buffer>, digest), fs.createWriteStream(file));
    await to.putBlob(digest, { file });
    fs.rmSync(file);
  });
  // False where another publishing of the same asset was first.
  await to.setTag(tag, manifest);
  return { count: missing.length, bytes: missing.reduce((sum, digest) => sum + sizes.get(digest)!, 0) };
}
