import { LayerCache, NOTHING } from './layer-cache';
import { recordPlace } from './record-place';
import { scopesOf } from './scopes';
import { S3CacheSettings, SettingValue } from '../../lib/plan/step-settings';

/** Layers in a bucket, which no engine's own BuildKit can use. */
export function s3Cache(settings: S3CacheSettings, valueOf: (value: SettingValue) => string): LayerCache {
  const scopes = scopesOf(settings, valueOf);
  const place = (name: string) => `type=s3,region=${settings.region},bucket=${settings.bucket},prefix=${settings.prefix},name=${name}`;
  return {
    ...NOTHING,
    isForEngines: false,
    sources: (image) => scopes.all(image).map(place),
    target: (image) => `${place(scopes.own(image))},mode=${settings.mode}`,
    record: (image) => recordPlace(undefined, scopes, image), // a bucket has no manifests; the image's repository has
    isRequired: settings.required ?? false,
  };
}
