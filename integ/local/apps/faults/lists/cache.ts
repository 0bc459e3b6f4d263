import { FaultEffect, FaultMatch } from '../../../registry/faults';
import { Fault } from '../fault';
import { asked, drop, page, refuse, silent } from '../fault-effects';
import { FaultScene } from '../fault-scene';

const READ = 'WARNING: the layer cache could not be read: ...';
const AGAIN = 'WARNING: the build failed, and is tried once more without the layer cache: ...';

/** The cache is passed by at once. */
function unread(broken: string, match: FaultMatch, effect: FaultEffect, more: Partial<Fault> = {}): Fault {
  return {
    phase: 'cache',
    broken,
    isSecondBuild: true,
    happen: scene => void scene.fault(match, effect),
    does: { result: 'built', cache: 'not used' },
    says: READ,
    next: { result: 'built', cache: 'used' },
    within: 60,
    ...more,
  };
}

/** A layer that only the cache has is needed. */
function lost(broken: string, effect: FaultEffect, times?: number): Fault {
  return {
    phase: 'cache',
    broken,
    isSecondBuild: true,
    happen: async scene => {
      scene.change({ place: 'two' });
      const digests = await scene.cacheLayers();
      scene.fault({ method: /GET/, url: new RegExp(digests.join('|')), times }, effect);
    },
    does: { result: 'built', cache: 'not used' },
    says: AGAIN,
    next: { result: 'built', cache: 'used' },
    within: 60,
  };
}

/** Another manifest under the tag of the cache. */
function replaced(broken: string, replace: (scene: FaultScene) => unknown, more: Partial<Fault> = {}): Fault {
  return { ...unread(broken, {}, drop, more), happen: async scene => void await replace(scene) };
}

export const cacheFaults: readonly Fault[] = [
  unread('429 for the cache, once', { ...asked.importedCache, times: 1 }, refuse(429), { does: { result: 'built', cache: 'used' }, says: undefined }),
  unread('500 for the cache, always', asked.cache, refuse(500)),
  unread('the role may not read the cache', asked.cache, refuse(403)),
  unread('the connection is always closed', asked.cache, drop),
  unread('a proxy answers with an HTML page instead of the cache', asked.cache, page),
  unread('no answer for the cache', asked.cache, silent, { within: 150 }),
  {
    ...unread('no answer for the configuration of the cache', {}, silent, { within: 150 }),
    happen: async scene => void scene.fault({ method: /GET/, url: new RegExp(await scene.stored('cache-image').configDigest()) }, silent),
  },
  lost('layers are missing', refuse(404, 'BLOB_UNKNOWN')),
  lost('layers are denied', refuse(403)),
  lost('500 for layers', refuse(500)),
  // BuildKit fetches the rest, fails, or waits for it in silence
  { ...lost('a layer is truncated, once', { kind: 'cut', after: 50 }, 1), does: { result: 'built', cache: 'used or not' }, says: undefined, within: 240 },
  lost('layers are corrupt', { kind: 'garble' }),
  { ...lost('no answer for layers', silent), within: 240 },
  replaced('the cache is not JSON', scene => scene.stored('cache-image').replaceConfig(Buffer.from('what is this?'))),
  replaced('the cache is JSON of another kind', scene => scene.stored('cache-image').replaceConfig(Buffer.from('[1,2,3]'))),
  replaced('the cache is truncated', async scene => {
    const cache = scene.stored('cache-image');
    await cache.replaceConfig((await cache.config()).subarray(0, 200));
  }),
  replaced('the cache is larger than BuildKit accepts', scene => scene.stored('cache-image').replaceConfig(Buffer.alloc(2_000_000, ' '))),
  replaced('the tag of the cache points to an image', scene => scene.stored('cache-image').pointAt('source-first-one'), { says: undefined }),
  replaced('cache and record belong to another platform', async scene => {
    const twin = new FaultScene(scene.lab, scene.name);
    twin.platform = 'linux/arm64';
    twin.change({ marker: 'other' });
    const { code, log } = await twin.build();
    if (code !== 0) throw new Error(log);
  }, { says: undefined, does: { result: 'built', cache: 'used or not' } }),
  replaced('the cache is deleted', scene => scene.stored('cache-image').remove(), { says: undefined }),
];
