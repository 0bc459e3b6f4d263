import * as fs from 'fs';
import * as path from 'path';
import { App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerCacheOption, DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { countSteps } from './count-steps';
import { playCommands } from './play-commands';
import { Build, Builds, Strategy } from './strategy';
import { readReport } from '../../integ/local/machine/build-report';
import { Registry } from '../../integ/local/registry/registry';
import { freshDirectory } from '../../integ/local/world/directories';
import { Lab } from '../../integ/local/world/lab';
import { DockerAssetCache } from '../../lib';
import { home } from '../workload/home';
import { Workload } from '../workload/workload';

export interface AssetPublishingOptions {
  /** How layers are kept in a registry: as the documentation of the CDK has it, or by this library. @default they are not */
  readonly cache?: 'cdk' | 'library';
  /** Whether each build does what the first one did. @default false */
  readonly forgets?: boolean;
}

/** What `aws-cdk-lib` does by itself: an asset is published by the Assets stage of the pipeline. */
export class AssetPublishing implements Strategy {
  private static count = 0;

  public readonly ours: boolean;
  public readonly forgets: boolean;

  public constructor(public readonly name: string, public readonly title: string, private readonly options: AssetPublishingOptions = {}) {
    this.forgets = options.forgets ?? false;
    this.ours = options.cache === 'library';
  }

  public async begin(lab: Lab, workload: Workload): Promise<Builds> {
    const number = AssetPublishing.count++;
    const repository = `cdk-hnb659fds-container-assets-${number}`;
    lab.registry.createRepository(home, repository, { mutability: 'IMMUTABLE' }); // as the bootstrap makes it
    const { cache: by } = this.options;
    const layers = `asset-layers-${number}`;
    if (by) lab.registry.createRepository(home, layers);
    return {
      build: async () => {
        const [asset] = synthesizeAssets([workload.directory], repository, by && { layers, by });
        return publishAsset(lab, asset);
      },
      end: async () => {},
    };
  }
}

/** An asset as the manifest of a cloud assembly has it. */
interface Asset {
  /** The whole assembly, which the publishing gets. */
  readonly assembly: string;
  readonly directory: string;
  readonly uri: string;
  readonly tag: string;
  readonly cacheFrom: readonly DockerCacheOption[];
  readonly cacheTo?: DockerCacheOption;
  readonly outputs: readonly string[];
  /** What the project of this library has more than that of the CDK. */
  readonly project?: { readonly install: readonly string[] };
}

/** Where layers are kept, and what keeps them. */
interface AssetLayers {
  readonly layers: string;
  readonly by: 'cdk' | 'library';
}

/** Assets of these directories, in their order. */
export function synthesizeAssets(directories: readonly string[], repository: string, cached?: AssetLayers): Asset[] {
  const assembly = freshDirectory('cdk.out');
  const app = new App({ outdir: assembly });
  const stack = new Stack(app, 'Assets', { env: home, synthesizer: new DefaultStackSynthesizer({ imageAssetsRepositoryName: repository }) });
  const layers = cached?.by === 'cdk' ? cached.layers : undefined;
  const project = cached?.by === 'library' ? projectOf(stack, cached.layers) : undefined;
  const hashes = directories.map((directory, i) => new DockerImageAsset(stack, `Image${i}`, {
    directory,
    ...layers && {
      cacheFrom: [cache(layers, i)],
      cacheTo: cache(layers, i, { 'mode': 'max', 'image-manifest': 'true', 'oci-mediatypes': 'true' }),
      outputs: ['type=docker'],
    },
  }).assetHash);
  app.synth();
  const { dockerImages } = JSON.parse(fs.readFileSync(path.join(assembly, 'Assets.assets.json'), 'utf8'));
  return hashes.map(hash => {
    const { source, destinations } = dockerImages[hash];
    const [{ repositoryName, imageTag }] = Object.values<{ repositoryName: string; imageTag: string }>(destinations);
    return {
      assembly,
      directory: source.directory,
      uri: `${Registry.ecrHost(home)}/${repositoryName}`,
      tag: imageTag,
      cacheFrom: source.cacheFrom ?? [],
      cacheTo: source.cacheTo,
      outputs: source.dockerOutputs ?? [],
      project,
    };
  });
}

/** As the CDK puts it into the projects of the Assets stage. */
function projectOf(stack: Stack, layers: string): Asset['project'] {
  const repository = Repository.fromRepositoryName(stack, 'Layers', layers);
  const { partialBuildSpec } = new DockerAssetCache(stack, 'AssetCache', { repository }).codeBuildOptions();
  const { phases } = JSON.parse(stack.resolve(partialBuildSpec!.toBuildSpec()));
  return { install: phases.install.commands };
}

function cache(repository: string, image: number, params: { [name: string]: string } = {}): DockerCacheOption {
  return { type: 'registry', params: { ref: `${Registry.ecrHost(home)}/${repository}:image${image}`, ...params } };
}

/** Publishes on a new machine, with the commands that `cdk-assets` runs. Its own start and its installation are not counted. */
export async function publishAsset(lab: Lab, asset: Asset): Promise<Build> {
  const { assembly, directory, uri, tag, cacheFrom, cacheTo, outputs, project } = asset;
  const [host, repository] = [uri.slice(0, uri.indexOf('/')), uri.slice(uri.indexOf('/') + 1)];
  const flags = [
    ...cacheFrom.flatMap(one => ['--cache-from', flag(one)]),
    ...cacheTo ? ['--cache-to', flag(cacheTo)] : [],
    ...outputs.map(output => `--output=${output}`),
  ];
  // An engine as CodeBuild has it writes no cache, so who uses cacheTo makes a builder first, which `docker build` takes only when this variable names it.
  const builder = 'docker buildx create --name assets --driver docker-container --driver-opt image=moby/buildkit:v0.32.2 --driver-opt network=host';
  const build = fs.readFileSync(path.join(__dirname, 'recipes', 'asset.sh'), 'utf8');
  const { seconds, log } = await playCommands(lab, { install: cacheTo ? [builder] : project?.install ?? [], build: [build] }, assembly, {
    HOST: host,
    REPOSITORY: repository,
    TAG: tag,
    DIRECTORY: directory,
    FLAGS: flags.join(' '),
    ...cacheTo && { BUILDX_BUILDER: 'assets' },
  });
  const image = `${uri}:${tag}`;
  if (!project) return { seconds, image, ...countSteps(log), phases: '' };
  const { steps, time } = readReport(log);
  const [cached, run] = /(\d+) cached, (\d+) run/.exec(steps)?.slice(1).map(Number) ?? [0, 0];
  return { seconds, image, cached, run, phases: time };
}

function flag({ type, params = {} }: DockerCacheOption): string {
  return [`type=${type}`, ...Object.entries(params).map(([name, value]) => `${name}=${value}`)].join(',');
}
