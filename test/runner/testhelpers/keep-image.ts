import { digestOf, Layer } from './layers';
import { MemoryRegistry } from './memory-registry';
import { HistoryEntry } from '../../../runner/layers/image-content';
import { Manifest } from '../../../runner/registry/registry-client';

const OCI = 'application/vnd.oci.image';

/** An image as BuildKit pushes it. */
export interface ImageParts {
  readonly layers: readonly Layer[];
  /** What made each layer, and what made none. */
  readonly history?: readonly HistoryEntry[];
  readonly workdir?: string;
}

/** Puts an image into a registry. */
export function keepImage(registry: MemoryRegistry, { layers, history = [], workdir }: ImageParts, tag?: string): Manifest {
  const content = Buffer.from(JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['A=b'], ...workdir !== undefined && { WorkingDir: workdir }, Cmd: ['x'] },
    created: '2026-11-20T10:00:00Z',
    history,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  }));
  const config = { mediaType: `${OCI}.config.v1+json`, digest: registry.keepBlob(content), size: content.length };
  layers.forEach((layer) => registry.blobs.set(layer.digest, layer.content));
  const body = Buffer.from(JSON.stringify({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config,
    layers: layers.map((layer) => ({ mediaType: `${OCI}.layer.v1.tar+gzip`, digest: layer.digest, size: layer.content.length })),
    annotations: { some: 'thing' },
  }));
  return registry.keep(body, `${OCI}.manifest.v1+json`, tag);
}

/** An entry of a history that made a layer, or none. */
export function made(created_by: string): HistoryEntry {
  return { created: '2026-11-20T10:00:00Z', created_by, comment: 'buildkit.dockerfile.v0' };
}

export function none(created_by: string): HistoryEntry {
  return { ...made(created_by), empty_layer: true };
}

/** What a manifest has to agree with, read from its registry. */
export function contentOf(registry: MemoryRegistry, { body }: Manifest) {
  const manifest = JSON.parse(body.toString());
  const blob = registry.blobs.get(manifest.config.digest)!;
  expect(digestOf(blob)).toBe(manifest.config.digest);
  expect(blob).toHaveLength(manifest.config.size);
  return { manifest, config: JSON.parse(blob.toString()) };
}
