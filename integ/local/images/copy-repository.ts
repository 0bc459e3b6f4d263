import { Registry } from '../registry/registry';

export interface CopiedRepository {
  readonly host: string;
  readonly from: string;
  readonly to: string;
}

/** Puts all tags of a repository into another one of the same host, without moving a byte. */
export async function copyRepository(registry: Registry, { host, from, to }: CopiedRepository): Promise<void> {
  for (const tag of await registry.tags(host, from)) {
    const { manifest, mediaType } = await registry.manifest(`${host}/${from}:${tag}`);
    const answer = await registry.direct(host, `/v2/${from}/manifests/${tag}`, { headers: { Accept: mediaType } });
    await Promise.all([manifest.config, ...manifest.layers].map(async ({ digest }: { digest: string }) => (
      // the storage has a folder for each host
      put(await registry.direct(host, `/v2/${to}/blobs/uploads/?mount=${digest}&from=${host}/${from}`, { method: 'POST' })))));
    await put(await registry.direct(host, `/v2/${to}/manifests/${tag}`, { method: 'PUT', headers: { 'Content-Type': mediaType }, body: await answer.arrayBuffer() }));
  }
}

async function put(answer: Response): Promise<void> {
  if (answer.status !== 201) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
}
