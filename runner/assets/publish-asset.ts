import * as path from 'path';
import { AssetBuild } from './asset-build';
import { assetSettings } from './asset-settings';
import { AssetLogin } from './asset-store';
import { copyImage } from './copy-image';
import { FoundAsset, listedAsset } from './read-asset-list';
import { PLAN_VERSION } from '../../lib/plan/image-plan';
import { buildJobs } from '../build-command';
import { keptStore } from '../builder/buildkit/engine-beside';
import { ImageJob } from '../image/image-job';
import { programEnvironment } from '../input/read-settings';
import { WorkDirectory } from '../process/work-directory';
import { DockerConfig } from '../registry/docker-config';
import { repositoryName } from '../registry/image-name';
import { Logins } from '../registry/logins';
import { RegistryClient } from '../registry/registry-client';
import { Failure } from '../report/failure';
import { Log } from '../report/log';
import { megabytes } from '../report/megabytes';
import { Phases } from '../report/phases';

export interface AssetPublishing {
  readonly build: AssetBuild;
  /** Where the image goes, with its tag. */
  readonly uri: string;
  /** That of the publishing for its registry. */
  readonly login: AssetLogin;
  /** The cloud assembly. */
  readonly input: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly work: WorkDirectory;
  /** Where the builder is left for the next asset. */
  readonly keep: string;
}

/**
 * Builds the image of an asset in the repository of the cache, unless it is there, and brings it to where it is published. Fails with the reason.
 */
export async function publishAsset(publishing: AssetPublishing): Promise<void> {
  const { build, uri, login, input, env, log, work, keep } = publishing;
  const asset = listedAsset(input, build.name);
  if (!asset) throw new Failure(`the cloud assembly knows no image asset ${build.name.slice('cdkasset-'.length)}`);
  const settings = await assetSettings(asset, env);
  const publicEnv = programEnvironment(settings, env);
  process.chdir(build.directory); // what secrets and caches are, may be said relative to it
  const job = jobOf(publishing, asset, settings.layerCache.repository);
  const dockerConfig = new DockerConfig(work, env, build.config);
  const logins = new Logins(dockerConfig, env, log, publicEnv);
  const context = { input, log, work, settings, ownEnv: env, publicEnv, dockerConfig, logins, phases: new Phases(), keep };
  const { results: [{ digest, failure }] } = await buildJobs([job], context);
  if (failure !== undefined || digest === undefined) throw new Failure(failure ?? 'the image has no digest');

  const start = performance.now();
  const from = logins.client(job.repository);
  const at = uri.lastIndexOf(':');
  const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const to = new RegistryClient(repositoryName(uri.slice(0, at)), authorization);
  const copied = await copyImage({ manifest: await from.pushedManifest(digest), from, to, store: keptStore(keep), tag: uri.slice(at + 1), work });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  log.line(`published     ${uri}, ${copied.count} of its layers and files new there, ${megabytes(copied.bytes)} in ${seconds} s`);
}

function jobOf({ build, input, env, log, work }: AssetPublishing, asset: FoundAsset, repository: string): ImageJob {
  return {
    plan: {
      version: PLAN_VERSION,
      name: asset.name,
      repository,
      tag: build.name,
      context: path.relative(input, build.directory),
      dockerfile: path.relative(build.directory, build.dockerfile),
      target: build.target,
      platform: build.platform ?? platformOf(env),
      buildArgs: build.buildArgs,
      buildContexts: Object.fromEntries(Object.entries(build.buildContexts).map(([name, { path: folder, image }]) => (
        [name, folder === undefined ? { image } : { path: path.relative(input, folder) }]))),
      linkCopies: true,
      stagingTag: `${asset.cacheName}_pushed`,
      cacheName: asset.cacheName,
      sharedCacheName: asset.cacheName,
      runsOnLambda: false,
    },
    planFile: build.name,
    repository,
    input,
    context: build.directory,
    dockerfile: build.dockerfile,
    secrets: { arguments: [...build.secrets], environment: {}, prepare: async () => undefined, end: async () => undefined },
    options: { network: build.network, cacheFrom: build.cacheFrom, cacheTo: build.cacheTo },
    work: work.within('image'),
    log,
  };
}

/** What Docker builds for that is told no platform. */
function platformOf({ DOCKER_DEFAULT_PLATFORM: given }: NodeJS.ProcessEnv): string {
  return given || `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
}
