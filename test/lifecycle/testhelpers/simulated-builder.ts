import { EcrRepository } from './ecr-repository';
import { layerDigest, LayerStore } from './layer-stores';
import { BuiltImage, ImageArchives, RunningBuilder } from '../../../runner/builder/builder';

const OCI = 'application/vnd.oci.image';

/** What an image is made from. */
export interface Content {
  readonly source: number;
  readonly dependencies: number;
  /** In which period, for an image that is refreshed: its steps run again in each. */
  readonly refreshPeriod?: number;
}

/** The Dockerfile of all images here. */
export const DOCKERFILE = 'FROM a\nRUN make\nCOPY a /app/\n';

/** What BuildKit pushes and reads, without its layers: an image, and a cache whose manifest is the same as long as the dependencies are. */
export class SimulatedBuilder implements RunningBuilder {
  public readonly description = 'a builder';
  /** Whether the dependencies had to be installed in the last build. */
  public wasSlow = false;

  /** @param stores where it reads layers, and where it writes them first of all */
  constructor(
    private readonly images: EcrRepository, private readonly stores: readonly LayerStore[], private readonly content: Content,
    private readonly isTimeless: boolean,
  ) {}

  public get archives(): ImageArchives {
    const unused = async () => { throw new Error('nothing is linked here'); };
    return { whyTooEarly: () => undefined, unpack: unused, read: unused };
  }

  public async build(): Promise<BuiltImage> {
    const found = await Promise.all(this.stores.map(async (store) => ({ from: store.from, layer: await store.read() })));
    const isKnown = found.some(({ layer }) => layer === this.installation);
    this.wasSlow = !isKnown;
    return {
      pushed: this.pushImage(),
      steps: [{ name: '[2/3] RUN make', isCached: isKnown }, { name: '[3/3] COPY a /app/', isCached: false }],
      imports: found.map(({ from, layer }) => ({ from, error: layer === undefined ? 'not found' : '' })),
    };
  }

  public async keepLayers(): Promise<string | undefined> {
    await this.stores[0].write(this.installation);
    return undefined;
  }

  public async stop(): Promise<void> {}

  private pushImage(): string {
    const { source, dependencies } = this.content;
    const history = ['RUN make # buildkit', 'COPY a /app/ # buildkit'].map((created_by) => ({ created_by, comment: 'buildkit.dockerfile.v0' }));
    const diffIds = [layerDigest('diff', dependencies), layerDigest('diff', source)];
    const created = this.isTimeless ? {} : { created: new Date().toISOString() };
    const config = { architecture: 'amd64', os: 'linux', ...created, history, rootfs: { type: 'layers', diff_ids: diffIds } };
    const body = {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config: { mediaType: `${OCI}.config.v1+json`, ...this.images.put(Buffer.from(JSON.stringify(config))) },
      layers: [this.layer('dependencies', dependencies), this.layer('source', source)],
    };
    return this.images.push(`${OCI}.manifest.v1+json`, Buffer.from(JSON.stringify(body)));
  }

  /** What the cache has of the step that installs the dependencies. */
  private get installation(): string {
    const { dependencies, refreshPeriod } = this.content;
    return layerDigest('installation', dependencies, refreshPeriod);
  }

  private layer(name: string, version: number) {
    return { mediaType: `${OCI}.layer.v1.tar+gzip`, digest: layerDigest(name, version), size: 1 };
  }
}
