import * as path from 'path';
import { EcrRepository } from './ecr-repository';
import { Bucket, LayerStore, RegistryStore } from './layer-stores';
import { Content, DOCKERFILE, SimulatedBuilder } from './simulated-builder';
import { LayerCacheSettings } from '../../../lib/plan/step-settings';
import { layerCache } from '../../../runner/cache/layer-caches';
import { setAdditionalTags } from '../../../runner/image/additional-tags';
import { buildImage } from '../../../runner/image/build-image';
import { cachedImage } from '../../../runner/image/image-job';
import { BuildMachine } from '../../runner/testhelpers/build-machine';
import { BuildSetup, CACHE_REPOSITORY, contextFiles } from '../../runner/testhelpers/build-setup';
import { digestOf } from '../../runner/testhelpers/layers';

export interface Run extends Content {
  /** The branch that is built; that of the stages if there is none. */
  readonly scope?: string;
  readonly additionalTags?: readonly string[];
}

export interface RunResult {
  readonly tag: string;
  readonly digest: string;
  readonly isBuilt: boolean;
  /** Whether the dependencies had to be installed again although a cache of them had been written, of this branch or of `main`. */
  readonly isSlow: boolean;
}

/** An app that a pipeline builds with the real runner, into repositories that forget. */
export class DeliveredApp {
  private readonly setup = new BuildSetup(new BuildMachine());
  private readonly context: string;
  /** What each cache was written for last, by its tag. */
  private readonly cached = new Map<string, string>();

  /**
   * @param caches where the caches are; beside the images if it is not given
   * @param isTimeless whether the same files make the same image, whenever it is built
   */
  constructor(private readonly images: EcrRepository, private readonly caches?: EcrRepository | Bucket, private readonly isTimeless = false) {
    this.context = path.dirname(this.setup.write('asset.1/a', 'a'));
  }

  public async run({ source, dependencies, refreshPeriod, scope, additionalTags = [] }: Run): Promise<RunResult> {
    const tag = digestOf(JSON.stringify({ source, dependencies, refreshPeriod, scope })).slice('sha256:'.length);
    const scopes = scope !== undefined && { scope, fallbackScopes: ['main'] };
    const settings: LayerCacheSettings = this.caches instanceof Bucket
      ? { kind: 's3', bucket: 'layers', prefix: 'x/', region: 'eu-west-1', mode: 'max', ...scopes }
      : { kind: 'registry', mode: 'max', compression: 'zstd', ...this.caches && { repository: CACHE_REPOSITORY }, ...scopes };
    const cache = layerCache(settings, String);
    const job = this.setup.job({ tag, refreshPeriod, dockerfileContent: DOCKERFILE, contextFiles: contextFiles(this.context, { files: { a: 1 } }) });
    const there = await this.images.manifest(tag);
    if (there) {
      await setAdditionalTags(job, there, this.images, additionalTags);
      return { tag, digest: there.digest, isBuilt: false, isSlow: false };
    }
    const registryOf = (repository: string) => (repository === CACHE_REPOSITORY ? this.caches as EcrRepository : this.images);
    const stores = cache.sources(cachedImage(job)).map((from): LayerStore => {
      const [, name] = /,name=(.+)$/.exec(from) ?? [];
      if (name !== undefined) return (this.caches as Bucket).store(name);
      const [, repository, tagOfCache] = /ref=(.+):([^:]+)$/.exec(from)!;
      return new RegistryStore(registryOf(repository), tagOfCache);
    });
    const builder = new SimulatedBuilder(this.images, stores, { source, dependencies, refreshPeriod }, this.isTimeless);
    const result = await buildImage(job, { builder, cache, logins: { client: registryOf }, additionalTags });
    expect(result.failure).toBeUndefined();
    const steps = `${dependencies} ${refreshPeriod}`;
    const isSlow = builder.wasSlow && stores.some(({ name }) => this.cached.get(name) === steps);
    this.cached.set(stores[0].name, steps);
    return { tag, digest: result.digest!, isBuilt: true, isSlow };
  }

  public get warnings(): string[] {
    return this.setup.warnings;
  }
}

