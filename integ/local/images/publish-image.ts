import { createHash } from 'crypto';
import { Registry } from '../registry/registry';

interface ImageManifest {
  readonly mediaType: string;
  readonly config: object;
  readonly layers: readonly object[];
}

/** Puts an image into a registry as `host/repository:tag`, past its rules. */
export async function publishImage(registry: Registry, name: string, blobs: readonly Buffer[], manifest: ImageManifest): Promise<void> {
  const [, host, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(name)!;
  for (const blob of blobs) {
    const start = await registry.direct(host, `/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const location = new URL(start.headers.get('location')!, start.url);
    location.searchParams.set('digest', `sha256:${createHash('sha256').update(blob).digest('hex')}`);
    await succeeded(await fetch(location, { method: 'PUT', body: new Uint8Array(blob), headers: { 'Content-Type': 'application/octet-stream' } }));
  }
  await succeeded(await registry.direct(host, `/v2/${repository}/manifests/${tag}`, {
    method: 'PUT', body: JSON.stringify(manifest), headers: { 'Content-Type': manifest.mediaType },
  }));
}

async function succeeded(answer: Response): Promise<void> {
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
}
