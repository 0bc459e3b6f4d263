import { AssetBuild, assetBuild, BuildCall, ForeignBuild } from './asset-build';
import { AssetStore } from './asset-store';
import { publishAsset } from './publish-asset';
import { listedAsset } from './read-asset-list';
import { realDocker } from './real-docker';
import { WorkDirectory } from '../process/work-directory';
import { repositoryName } from '../registry/image-name';
import { reasonOf } from '../report/failure';
import { Log } from '../report/log';
import { isOfStep } from '../solve/attempts';

/** How `cdk-assets` calls `docker`. */
export interface AssetDocker {
  /** Where the calls of one machine leave things for each other. */
  readonly directory: string;
  /** `docker` itself. */
  readonly program: string;
  readonly args: readonly string[];
  /** The cloud assembly. */
  readonly input: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}

/**
 * The `docker` of `cdk-assets`: knows the commands with which it builds and pushes the image of an asset, and hands all others to `docker` itself.
 * The image is built when it is pushed, so that what builds it has to run once only. Gives the exit code.
 */
export async function assetDocker(call: AssetDocker): Promise<number> {
  const { program, args, log } = call;
  const store = new AssetStore(call.directory);
  const [config, [command, ...rest]] = args[0] === '--config' ? [args[1], args.slice(2)] : [undefined, args];
  const [first, second] = rest;
  switch (command) {
    case 'login': return login(call, store, rest);
    case 'inspect':
      if (rest.length === 1 && store.buildOf(first)) return 0;
      break;
    case 'build': {
      const build = knownBuild(call, { args: rest, directory: process.cwd(), config });
      if ('reason' in build) {
        log.warn(`Docker itself builds this image, without the layer cache: ${build.reason}`);
        break;
      }
      store.addBuild(build);
      log.line(`${build.name} is built when it is pushed`);
      return 0;
    }
    case 'tag':
      if (rest.length !== 2 || !store.buildOf(first)) break;
      store.addTag(first, second);
      return 0;
    case 'push':
      if (rest.length === 1 && store.buildOf(first)) return push(call, store, first);
      break;
    case 'images': {
      const [, tag] = /^reference=\*\/\*(:.+)$/.exec(rest.at(-1) ?? '') ?? [];
      const [found] = tag === undefined ? [] : store.tagsThatEnd(tag);
      if (found === undefined) break;
      log.line(found);
      return 0;
    }
  }
  return realDocker(program, args);
}

/** A build of an asset that the cloud assembly knows. */
function knownBuild({ input }: AssetDocker, call: BuildCall): AssetBuild | ForeignBuild {
  const build = assetBuild(call);
  if ('reason' in build) return build;
  try {
    return listedAsset(input, build.name) ? build : { reason: 'it belongs to no DockerImageAsset of the app' };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** Keeps the password of the publishing, and logs in as it was told. */
async function login({ program, args }: AssetDocker, store: AssetStore, rest: readonly string[]): Promise<number> {
  const [flag, username, fromInput, host] = rest;
  if (rest.length !== 4 || flag !== '--username' || fromInput !== '--password-stdin') return realDocker(program, args);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const password = Buffer.concat(chunks);
  store.addLogin(host, { username, password: password.toString().trimEnd() });
  return realDocker(program, args, { input: password });
}

async function push({ directory, program, input, env, log }: AssetDocker, store: AssetStore, uri: string): Promise<number> {
  const build = store.buildOf(uri)!;
  const work = WorkDirectory.create();
  process.on('exit', () => work.remove());
  try {
    const known = store.login(repositoryName(uri).host);
    if (!known) throw new Error(`nobody has logged in to ${repositoryName(uri).host}`);
    await publishAsset({ build, uri, login: known, input, env, log, work, keep: directory });
    return 0;
  } catch (error) {
    if (isOfStep(reasonOf(error))) return 1; // as it would with Docker
    log.warn(`Docker itself builds this image again, without the layer cache: ${reasonOf(error)}`);
  }
  store.forgetBuild(build.name);
  const config = build.config === undefined ? [] : ['--config', build.config];
  process.chdir(build.directory);
  const commands = [[...config, ...build.args], [...config, 'tag', build.name, uri], ['push', uri]];
  for (const command of commands) {
    log.command(program, command);
    const code = await realDocker(program, command);
    if (code !== 0) return code;
  }
  return 0;
}
