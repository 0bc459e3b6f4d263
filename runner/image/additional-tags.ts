import { ImageJob } from './image-job';
import { Manifest, RegistryClient } from '../registry/registry-client';

/** Points further tags at an image. One that is immutable stays where it is, with a warning; fails for any other reason that keeps a tag from being set. */
export async function setAdditionalTags({ log }: ImageJob, manifest: Manifest, registry: RegistryClient, tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    const current = await registry.manifest(tag);
    if (current?.digest === manifest.digest) continue;
    if (!await registry.setTag(tag, manifest)) log.warn(`the tag '${tag}' is immutable and stays with the image that has it`);
  }
}
