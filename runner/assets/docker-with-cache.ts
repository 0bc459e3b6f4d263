import { assetBuild } from './asset-build';
import { AssetDocker } from './asset-docker';
import { assetSettings } from './asset-settings';
import { FoundAsset, listedAsset } from './read-asset-list';
import { realDocker } from './real-docker';
import { layerCache } from '../cache/layer-caches';
import { valueOf } from '../input/read-settings';
import { runProgram } from '../process/run-program';
import { WorkDirectory } from '../process/work-directory';
import { DockerConfig } from '../registry/docker-config';
import { ecrPassword } from '../registry/ecr-password';
import { repositoryName } from '../registry/image-name';
import { Failure, reasonOf } from '../report/failure';

/**
 * The `docker` of a laptop: Docker itself, which is told where the layers of earlier builds are. The image ends where it always did, and nothing is written to the
 * cache. Whoever may not read it builds as before. Gives the exit code.
 */
export async function dockerWithCache(call: Omit<AssetDocker, 'directory'>): Promise<number> {
  const { program, args, input, log } = call;
  const [config, [command, ...rest]] = args[0] === '--config' ? [args[1], args.slice(2)] : [undefined, args];
  if (command !== 'build') return realDocker(program, args);
  const work = WorkDirectory.create();
  process.on('exit', () => work.remove());
  let cached: CachedBuild;
  try {
    const build = assetBuild({ args: rest, directory: process.cwd(), config });
    if ('reason' in build) throw new Failure(build.reason);
    const asset = listedAsset(input, build.name);
    if (!asset) throw new Failure('it belongs to no DockerImageAsset of the app');
    cached = await withCache(call, asset, new DockerConfig(work, call.env, config));
  } catch (error) {
    log.line(`Docker builds this image without the layers of the pipeline: ${reasonOf(error)}`);
    return realDocker(program, args);
  }
  const known = ['build', ...cached.sources.flatMap((source) => ['--cache-from', source]), ...rest];
  log.command(program, known);
  return realDocker(program, known, { env: cached.env });
}

/** Where a build finds layers, and the environment with the login for it. */
interface CachedBuild {
  readonly sources: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

async function withCache({ program, env }: Omit<AssetDocker, 'directory'>, asset: FoundAsset, logins: DockerConfig): Promise<CachedBuild> {
  const settings = await assetSettings(asset, env);
  const ownEnv = { ...env, ...logins.environment };
  const buildx = await runProgram(program, ['buildx', 'version'], { env: ownEnv, timeout: 30_000 });
  if (!buildx.ok) throw new Failure(`'${program} buildx' does not work, and without it Docker reads no layers from a registry`);
  const { repository } = settings.layerCache;
  const { host } = repositoryName(repository);
  const { password, reason } = await ecrPassword(host, ownEnv);
  if (password === undefined) throw new Failure(`there is no password for ${host}: ${reason}`);
  logins.logIn(host, 'AWS', password);
  const { cacheName } = asset;
  const cache = layerCache(settings.layerCache, (value) => valueOf(value, env));
  return { sources: cache.sources({ repository, cacheName, sharedCacheName: cacheName, hasMutableTags: true }), env: ownEnv };
}
