import { inlineCache } from './inline-cache';
import { LayerCache, NOTHING } from './layer-cache';
import { registryCache } from './registry-cache';
import { s3Cache } from './s3-cache';
import { LayerCacheSettings, SettingValue } from '../../lib/plan/step-settings';
import { Failure } from '../report/failure';

/** The layer cache that settings describe. */
export function layerCache(settings: LayerCacheSettings, valueOf: (value: SettingValue) => string): LayerCache {
  switch (settings.kind) {
    case 'registry': return registryCache(settings, valueOf);
    case 's3': return s3Cache(settings, valueOf);
    case 'inline': return inlineCache(settings);
    case 'engine': return { ...NOTHING, keeper: 'the engine of this machine' };
    case 'none': return NOTHING;
    default: throw new Failure(`this program knows no layer cache of kind '${(settings as { kind?: string }).kind}'`);
  }
}
