import { LayerCache, NOTHING } from './layer-cache';
import { recordPlace } from './record-place';
import { scopesOf } from './scopes';
import { RegistryCacheSettings, SettingValue } from '../../lib/plan/step-settings';

/** Layers under tags of a repository. */
export function registryCache(settings: RegistryCacheSettings, valueOf: (value: SettingValue) => string): LayerCache {
  const scopes = scopesOf(settings, valueOf);
  const { repository: own, mode, compression } = settings;
  // Amazon ECR takes a cache only as an image manifest with OCI types. Said explicitly, since the defaults of BuildKit have changed.
  const attributes = `mode=${mode},image-manifest=true,oci-mediatypes=true,compression=${compression}`;
  return {
    ...NOTHING,
    repositories: own === undefined ? [] : [own],
    sources: (image) => scopes.all(image).map((name) => `type=registry,ref=${own ?? image.repository}:${name}`),
    target: (image) => `type=registry,ref=${own ?? image.repository}:${scopes.own(image)},${attributes}`,
    manifest: (image) => ({ repository: own ?? image.repository, tag: scopes.own(image) }),
    record: (image) => recordPlace(own, scopes, image),
    isRequired: settings.required ?? false,
  };
}
