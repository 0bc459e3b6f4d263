import { CachedImage, CachePlace, LayerCache, NOTHING } from './layer-cache';
import { recordPlaces } from './record-places';
import { scopesOf } from './scopes';
import { RegistryCacheSettings, SettingValue } from '../../lib/plan/step-settings';

/** Layers under tags of a repository. */
export function registryCache(settings: RegistryCacheSettings, valueOf: (value: SettingValue) => string): LayerCache {
  const scopes = scopesOf(settings, valueOf);
  const { repository: own, fallbackRepository, mode, compression } = settings;
  // Amazon ECR takes a cache only as an image manifest with OCI types. Said explicitly, since the defaults of BuildKit have changed.
  const attributes = `mode=${mode},image-manifest=true,oci-mediatypes=true,compression=${compression}`;
  const ownPlace = (image: CachedImage): CachePlace => ({ repository: own ?? image.cacheRepository ?? image.repository, tag: scopes.own(image) });
  const places = (image: CachedImage): CachePlace[] => {
    const place = ownPlace(image);
    return [place, ...scopes.fallbacks(image).map((tag) => ({ repository: fallbackRepository ?? place.repository, tag }))];
  };
  const source = ({ repository, tag }: CachePlace) => `type=registry,ref=${repository}:${tag}`;
  return {
    ...NOTHING,
    repositories: [own, fallbackRepository].filter((repository) => repository !== undefined),
    sources: (image) => places(image).map(source),
    readPlaces: places,
    target: (image) => `${source(ownPlace(image))},${attributes}`,
    manifest: ownPlace,
    records: (image) => recordPlaces(image, places(image)),
    isRequired: settings.required ?? false,
  };
}
