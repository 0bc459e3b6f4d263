import { WRITTEN } from './config/cache-manifest';
import { CachePlace } from './layer-cache';
import { RegistryClient } from '../registry/registry-client';

/** A layer cache that is in a registry. */
export interface WrittenCache {
  /** Of its layers, as they are kept. */
  readonly bytes: number;
  /** As ISO 8601 has it; undefined where BuildKit has written it by itself. */
  readonly writtenAt?: string;
}

interface Content {
  readonly layers?: unknown;
  readonly annotations?: { readonly [name: string]: unknown };
}

/** What is under the tag of a layer cache; undefined when there is nothing yet. */
export async function writtenCache(registry: RegistryClient, { tag }: CachePlace): Promise<WrittenCache | undefined> {
  const manifest = await registry.manifest(tag);
  if (!manifest) return undefined;
  const { layers, annotations } = contentOf(manifest.body);
  const listed: ({ digest?: unknown; size?: unknown } | null)[] = Array.isArray(layers) ? layers : [];
  const sizes = new Map(listed.map((layer) => [layer?.digest, Number(layer?.size) || 0]));
  const written = annotations?.[WRITTEN];
  const isTime = typeof written === 'string' && !Number.isNaN(Date.parse(written));
  return { bytes: [...sizes.values()].reduce((all, one) => all + one, 0), ...isTime && { writtenAt: written } };
}

/** It comes from a registry, and may be anything. */
function contentOf(body: Buffer): Content {
  try {
    return Object(JSON.parse(body.toString())) as Content;
  } catch {
    return {};
  }
}
