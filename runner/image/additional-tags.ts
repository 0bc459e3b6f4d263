import { ImageJob } from './image-job';
import { Manifest, RegistryClient } from '../registry/registry-client';
import { reasonOf } from '../report/failure';

/** Amazon ECR gives an image 1000 tags at most: a commit at a time, an image that does not change gets there. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const TOO_MANY = /LimitExceeded|tags per image/i;

/**
 * Points further tags at an image. One that is immutable stays where it is, and one too many is left out, with a warning; fails for any other reason that keeps a
 * tag from being set.
 */
export async function setAdditionalTags({ log }: ImageJob, manifest: Manifest, registry: RegistryClient, tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    const current = await registry.manifest(tag);
    if (current?.digest === manifest.digest) continue;
    try {
      if (!await registry.setTag(tag, manifest)) log.warn(`the tag '${tag}' is immutable and stays with the image that has it`);
    } catch (error) {
      if (!TOO_MANY.test(reasonOf(error))) throw error;
      log.warn(`the image has as many tags as Amazon ECR allows, so it does not get the tag '${tag}'; delete some that nobody needs`);
    }
  }
}
