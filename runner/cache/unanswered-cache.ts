import { LayerCache } from './layer-cache';
import { cachedImage, ImageJob } from '../image/image-job';
import { verifiedWhole } from '../layers/verified';
import { request } from '../registry/https-client';
import { Logins } from '../registry/logins';
import { RegistryClient } from '../registry/registry-client';
import { reasonOf, Unreachable } from '../report/failure';

/** A description of a cache that is larger is read by nobody: in bytes. */
const MAX_SIZE = 1024 * 1024;

/**
 * Why the layer cache has to be left out, if nobody answers who is asked for it. A BuildKit that waits for the description of a cache does nothing else, not even for
 * builds without that cache, and cannot be made to give it up. Everything else that may be wrong with a cache, BuildKit finds out and says by itself.
 */
export async function unansweredCache(job: ImageJob, cache: LayerCache, logins: Pick<Logins, 'client'>): Promise<string | undefined> {
  const image = cachedImage(job);
  const reasons = await Promise.all([
    ...cache.readPlaces(image).map(async ({ repository, tag }) => unanswered(async () => read(logins.client(repository), tag))),
    ...cache.readObjects(image).map(async (url) => unanswered(async () => ask(url))),
  ]);
  return reasons.find((reason) => reason !== undefined);
}

async function unanswered(question: () => Promise<void>): Promise<string | undefined> {
  try {
    await question();
    return undefined;
  } catch (error) {
    return error instanceof Unreachable ? reasonOf(error) : undefined;
  }
}

/** Whatever the bucket says to a stranger, it has answered. */
async function ask(url: string): Promise<void> {
  try {
    await request({ method: 'HEAD', url });
  } catch (error) {
    if (error instanceof Unreachable) throw new Unreachable(`the bucket of the layer cache cannot be reached: ${reasonOf(error)}`);
  }
}

async function read(registry: RegistryClient, tag: string): Promise<void> {
  const manifest = await registry.manifest(tag);
  if (!manifest) return;
  const { config } = JSON.parse(manifest.body.toString()) as { config?: { digest?: unknown; size?: unknown } };
  if (typeof config?.digest !== 'string' || !(Number(config.size) <= MAX_SIZE)) return;
  const blob = await registry.blob(config.digest);
  if (blob) await verifiedWhole(blob as AsyncIterable<Buffer>, config.digest, MAX_SIZE);
}
