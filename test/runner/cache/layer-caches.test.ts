import { LayerCacheSettings, SettingValue } from '../../../lib/plan/step-settings';
import { cacheName } from '../../../runner/cache/cache-name';
import { LayerCache } from '../../../runner/cache/layer-cache';
import { layerCache } from '../../../runner/cache/layer-caches';
import { Failure } from '../../../runner/report/failure';

const IMAGE = { repository: 'host/app', cacheName: 'cache-stack-a', sharedCacheName: 'cache-a', hasMutableTags: true };
const OTHER = { repository: 'host/other', cacheName: 'cache-stack-b', sharedCacheName: 'cache-b', hasMutableTags: true };
const REGISTRY = { kind: 'registry', mode: 'max', compression: 'zstd' } as const;
const S3 = { kind: 's3', mode: 'min', bucket: 'b', region: 'r', prefix: 'p/' } as const;

const VARIABLES: { [name: string]: string } = { SCOPE: 'feature/login', FALLBACK: 'main' };

function cacheOf(settings: LayerCacheSettings): LayerCache {
  return layerCache(settings, (value: SettingValue) => (typeof value === 'string' ? value : VARIABLES[value.variable]));
}

const scoped = (part: string) => cacheName('cache-a', part);

describe('a registry cache', () => {
  test('is read and written under the tag of the image, in the image\'s own repository', () => {
    const cache = cacheOf(REGISTRY);
    expect(cache.sources(IMAGE)).toEqual(['type=registry,ref=host/app:cache-stack-a']);
    expect(cache.target(IMAGE)).toBe('type=registry,ref=host/app:cache-stack-a,mode=max,image-manifest=true,oci-mediatypes=true,compression=zstd');
    expect(cache.sources(OTHER)).toEqual(['type=registry,ref=host/other:cache-stack-b']);
  });

  test('can have a repository to itself, which has to be logged in to', () => {
    const cache = cacheOf({ ...REGISTRY, repository: 'caches/layers' });
    expect(cache.sources(IMAGE)).toEqual(['type=registry,ref=caches/layers:cache-stack-a']);
    expect(cache.target(IMAGE)).toMatch(/^type=registry,ref=caches\/layers:cache-stack-a,mode=max,/);
    expect(cache.repositories).toEqual(['caches/layers']);
  });

  test('is in the repository that the image has for the layers of all stages, unless it has one to itself', () => {
    const image = { ...IMAGE, cacheRepository: 'host/stages' };
    expect(cacheOf(REGISTRY).sources(image)).toEqual(['type=registry,ref=host/stages:cache-stack-a']);
    expect(cacheOf(REGISTRY).target(image)).toMatch(/^type=registry,ref=host\/stages:cache-stack-a,/);
    expect(cacheOf(REGISTRY).records({ ...image, hasMutableTags: false })).toEqual([{ repository: 'host/stages', tag: 'cache-stack-a_record' }]);
    expect(cacheOf({ ...REGISTRY, repository: 'caches/layers' }).sources(image)).toEqual(['type=registry,ref=caches/layers:cache-stack-a']);
  });

  test('reads its fallbacks from a repository that it never writes', () => {
    const cache = cacheOf({ ...REGISTRY, scope: 'branch', fallbackScopes: ['main'], fallbackRepository: 'caches/main' });
    expect(cache.sources(IMAGE)).toEqual([`type=registry,ref=host/app:${scoped('branch')}`, `type=registry,ref=caches/main:${scoped('main')}`]);
    expect(cache.target(IMAGE)).toMatch(/^type=registry,ref=host\/app:/);
    expect(cache.manifest(IMAGE)).toEqual({ repository: 'host/app', tag: scoped('branch') });
    expect(cache.records(IMAGE)).toEqual([{ repository: 'host/app', tag: `${scoped('branch')}_record` }, { repository: 'caches/main', tag: `${scoped('main')}_record` }]);
    expect(cache.repositories).toEqual(['caches/main']);
  });

  test('is a manifest, and that of its own scope is written', () => {
    expect(cacheOf(REGISTRY).manifest(IMAGE)).toEqual({ repository: 'host/app', tag: 'cache-stack-a' });
    const cache = cacheOf({ ...REGISTRY, repository: 'caches/layers', scope: 'branch', fallbackScopes: ['main'] });
    expect(cache.manifest(IMAGE)).toEqual({ repository: 'caches/layers', tag: scoped('branch') });
    expect(cacheOf(S3).manifest(IMAGE)).toBeUndefined();
  });

  test('is written as it was declared', () => {
    expect(cacheOf({ ...REGISTRY, mode: 'min', compression: 'gzip' }).target(IMAGE)).toMatch(/,mode=min,.*,compression=gzip$/);
  });

  test('is not required, not within the image, and of no repository, stage or tag of its own by default', () => {
    expect(cacheOf(REGISTRY)).toMatchObject({ isRequired: false, isInline: false, isForEngines: true, repositories: [], stages: [], imageTags: [] });
    expect(cacheOf(REGISTRY).keeper).toBeUndefined();
    expect(cacheOf({ ...REGISTRY, required: true }).isRequired).toBe(true);
  });
});

describe('a scope', () => {
  test('has a cache of its own, and reads no other, whatever stack the image is in', () => {
    const cache = cacheOf({ ...REGISTRY, scope: 'main' });
    expect(cache.sources(IMAGE)).toEqual([`type=registry,ref=host/app:${scoped('main')}`]);
    expect(cache.target(IMAGE)).toMatch(new RegExp(`^type=registry,ref=host/app:${scoped('main')},`));
  });

  test('is read first, and then those of the fallbacks in their order, also from variables', () => {
    const cache = cacheOf({ ...REGISTRY, scope: { variable: 'SCOPE' }, fallbackScopes: [{ variable: 'FALLBACK' }, 'a*'] });
    expect(cache.sources(IMAGE)).toEqual(['feature/login', 'main', 'a*'].map((part) => `type=registry,ref=host/app:${scoped(part)}`));
    expect(cache.target(IMAGE)).toContain(`:${scoped('feature/login')},`);
  });

  test('that is its own fallback is read once', () => {
    expect(cacheOf({ ...REGISTRY, scope: 'main', fallbackScopes: ['main', { variable: 'FALLBACK' }] }).sources(IMAGE)).toHaveLength(1);
  });

  test('may be none, with fallbacks', () => {
    expect(cacheOf({ ...REGISTRY, fallbackScopes: ['main'] }).sources(IMAGE))
      .toEqual(['type=registry,ref=host/app:cache-stack-a', `type=registry,ref=host/app:${cacheName('cache-stack-a', 'main')}`]);
  });
});

describe('a cache in a bucket', () => {
  test('is read and written below its prefix', () => {
    const cache = cacheOf(S3);
    expect(cache.sources(IMAGE)).toEqual(['type=s3,region=r,bucket=b,prefix=p/,name=cache-stack-a']);
    expect(cache.target(IMAGE)).toBe('type=s3,region=r,bucket=b,prefix=p/,name=cache-stack-a,mode=min');
  });

  test('has scopes too', () => {
    const cache = cacheOf({ ...S3, scope: 'x', fallbackScopes: ['main'] });
    expect(cache.sources(IMAGE)).toEqual(['x', 'main'].map((part) => `type=s3,region=r,bucket=b,prefix=p/,name=${scoped(part)}`));
    expect(cache.target(IMAGE)).toContain(`,name=${scoped('x')},`);
  });

  test('can be used by no engine, and is required only where it was declared so', () => {
    expect(cacheOf(S3)).toMatchObject({ isForEngines: false, isRequired: false, repositories: [], isInline: false });
    expect(cacheOf({ ...S3, required: true }).isRequired).toBe(true);
  });
});

describe('an inline cache', () => {
  const stage = (tag: string, name: string) => `host/app:${cacheName('cache-a', `${tag}/${name}`)}`;

  test('is the images by their tags, of which the first is set with each build, and nothing is written apart', () => {
    const cache = cacheOf({ kind: 'inline', tags: ['latest', 'main'], stages: [] });
    expect(cache.sources(IMAGE)).toEqual(['host/app:latest', 'host/app:main']);
    expect(cache).toMatchObject({ isInline: true, imageTags: ['latest'], stages: [], isRequired: false });
    expect(cache.target(IMAGE)).toBeUndefined();
  });

  test('has stages beside each tag, and each is read from its own images alone', () => {
    const cache = cacheOf({ kind: 'inline', tags: ['latest', 'main'], stages: ['deps', 'compiler'] });
    expect(cache.sources(IMAGE)).toEqual([
      'host/app:latest', stage('latest', 'deps'), stage('latest', 'compiler'),
      'host/app:main', stage('main', 'deps'), stage('main', 'compiler'),
    ]);
    expect(cache.stages).toEqual(['deps', 'compiler']);
    expect(cache.stageImages(IMAGE, 'compiler')).toEqual([stage('latest', 'compiler'), stage('main', 'compiler')]);
  });

  test('writes stages where the next build reads them', () => {
    const cache = cacheOf({ kind: 'inline', tags: ['latest', 'main'], stages: ['deps'] });
    expect(cache.sources(IMAGE)).toContain(cache.stageImages(IMAGE, 'deps')[0]);
  });
});

test.each<LayerCacheSettings>([{ kind: 'none' }, { kind: 'engine' }])('%j reads and writes nothing', (settings) => {
  const cache = cacheOf(settings);
  expect([cache.sources(IMAGE), cache.target(IMAGE), cache.stageImages(IMAGE, 'a')]).toEqual([[], undefined, []]);
  expect(cache).toMatchObject({ isInline: false, isRequired: false, stages: [], imageTags: [], repositories: [] });
});

test('layers that stay in the engine have a keeper, and those of no cache have none', () => {
  expect(cacheOf({ kind: 'engine' }).keeper).toBe('the engine of this machine');
  expect(cacheOf({ kind: 'none' }).keeper).toBeUndefined();
});

test('a cache of another kind fails with its name', () => {
  expect(() => cacheOf({ kind: 'gha' } as unknown as LayerCacheSettings)).toThrow(new Failure("this program knows no layer cache of kind 'gha'"));
});
