import { createHash } from 'crypto';
import { OciManifest } from './oci-image';
import { Registry } from '../registry/registry';

/** Puts an image into a registry as `host/repository:tag`, past its rules. */
export async function publishImage(registry: Registry, name: string, blobs: readonly Buffer[], manifest: OciManifest): Promise<void> {
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
