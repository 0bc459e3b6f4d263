import { CachedImage, LayerCache, NOTHING } from './layer-cache';
import { recordPlaces } from './record-places';
import { scopesOf } from './scopes';
import { S3CacheSettings, SettingValue } from '../../lib/plan/step-settings';

/** Layers in a bucket, which no engine's own BuildKit can use. */
export function s3Cache(settings: S3CacheSettings, valueOf: (value: SettingValue) => string): LayerCache {
  const scopes = scopesOf(settings, valueOf);
  const place = (name: string) => `type=s3,region=${settings.region},bucket=${settings.bucket},prefix=${settings.prefix},name=${name}`;
  const names = (image: CachedImage) => [scopes.own(image), ...scopes.fallbacks(image)];
  return {
    ...NOTHING,
    isForEngines: false,
    sources: (image) => names(image).map(place),
    readObjects: (image) => names(image).map((name) => `https://s3.${settings.region}.${domainOf(settings.region)}/${settings.bucket}/${settings.prefix}manifests/${name}`),
    target: (image) => `${place(scopes.own(image))},mode=${settings.mode}`,
    // a bucket has no manifests; the image's repository has
    records: (image) => recordPlaces(image, names(image).map((tag) => ({ repository: image.repository, tag }))),
    isRequired: settings.required ?? false,
  };
}

/** Where the services of a region are. */
function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}
