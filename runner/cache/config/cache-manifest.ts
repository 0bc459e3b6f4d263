import { Manifest } from '../../registry/registry-client';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.buildkit.cacheconfig.v0';

/** When it was written again. BuildKit's own have no annotation. */
export const WRITTEN = 'org.opencontainers.image.created';

/** The manifest of a layer cache, in the only form that the cache has in a registry here: that of an image. */
export interface CacheManifest {
  readonly config: { readonly digest: string; readonly size: number };
  readonly annotations?: { readonly [name: string]: unknown };
}

/** Fails when it is something else, or has anything in it that this program does not know. */
export function cacheManifest({ type, body }: Manifest): CacheManifest {
  const content = JSON.parse(body.toString()) as { [name: string]: unknown } | null;
  const { schemaVersion, mediaType, config, layers, annotations = {}, ...strange } = { ...content };
  const { mediaType: ofConfig, digest, size } = Object(config) as { [name: string]: unknown };
  const [unknown] = Object.keys(strange);
  if (unknown !== undefined) throw new Error(`its manifest has '${unknown}', which this program does not know`);
  if (type.split(';')[0].trim() !== MANIFEST || mediaType !== MANIFEST || schemaVersion !== 2) throw new Error('its manifest is not that of an OCI image');
  if (ofConfig !== CONFIG) throw new Error(`its configuration is of the type ${JSON.stringify(ofConfig)}, which this program does not know`);
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest) || !Number.isSafeInteger(size)) throw new Error('its manifest does not say what its configuration is');
  if (!Array.isArray(layers) || typeof annotations !== 'object' || annotations === null || Array.isArray(annotations)) throw new Error('its manifest has no layers');
  return content as unknown as CacheManifest;
}

/** Whether it was written again already. */
export function isWrittenAgain({ annotations }: CacheManifest): boolean {
  return annotations?.[WRITTEN] !== undefined;
}

/**
 * The same manifest with another configuration. With its time it is always a new one: what a lifecycle rule of Amazon ECR counts from is when a manifest was pushed
 * first, so a cache that is written again to keep it from expiring must not be the same.
 */
export function withConfig(manifest: CacheManifest, digest: string, size: number, now = new Date()): Manifest {
  const body = Buffer.from(JSON.stringify({
    ...manifest,
    config: { ...manifest.config, digest, size },
    annotations: { ...manifest.annotations, [WRITTEN]: now.toISOString() },
  }));
  return { type: MANIFEST, body, digest: '' };
}
