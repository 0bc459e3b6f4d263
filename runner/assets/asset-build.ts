import * as fs from 'fs';
import * as path from 'path';
import { NamedContext } from '../../lib/plan/image-plan';

/** A `docker build` as `cdk-assets` asks for it. */
export interface AssetBuild {
  /** The name that the image gets on the machine: `cdkasset-<hash>`. */
  readonly name: string;
  /** The directory of the asset, in which the command runs. */
  readonly directory: string;
  /** The folder of the logins for this build, if it has some of its own. */
  readonly config?: string;
  /** All arguments, for `docker` itself. */
  readonly args: readonly string[];
  /** The path of the Dockerfile. */
  readonly dockerfile: string;
  readonly target?: string;
  readonly platform?: string;
  readonly network?: string;
  readonly buildArgs: { readonly [name: string]: string };
  /** By their names; paths are absolute. */
  readonly buildContexts: { readonly [name: string]: NamedContext };
  /** Secrets and SSH agents, as buildx takes them. */
  readonly secrets: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
}

/** What cannot be built here, with the reason. */
export interface ForeignBuild {
  readonly reason: string;
}

/** What the images of assets are called on the machine. */
const NAME = /^cdkasset-[a-z0-9_.-]{1,119}$/;

/** The flags that `cdk-assets` gives a value. */
const FLAGS = ['--build-arg', '--build-context', '--secret', '--ssh', '--tag', '--target', '--file', '--network', '--platform', '--output', '--cache-from', '--cache-to'];

/** Networks that every BuildKit knows. */
const NETWORKS = ['default', 'none', 'host'];

/** What leaves the image with the engine, from where it would be pushed: the same as no output. */
const OUTPUT = 'type=docker';

export interface BuildCall {
  readonly args: readonly string[];
  readonly directory: string;
  readonly config?: string;
}

/** Reads the arguments behind `build`. What `cdk-assets` does not give, and what would not be the same here, is for `docker` itself. */
export function assetBuild({ args, directory, config }: BuildCall): AssetBuild | ForeignBuild {
  const given = flagsOf(args);
  if ('reason' in given) return given;
  const all = (flag: string) => given.filter(([name]) => name === flag).map(([, value]) => value);
  const last = (flag: string) => all(flag).at(-1);
  const [name, ...otherNames] = all('--tag');
  if (otherNames.length > 0 || !NAME.test(name ?? '')) return { reason: 'it has not the name of an asset' };
  const output = all('--output').find((value) => value !== OUTPUT);
  if (output !== undefined) return { reason: `only Docker itself knows what becomes of the output ${output}` };
  const [platform, network] = [last('--platform'), last('--network')];
  if (platform?.includes(',')) return { reason: `it is for several platforms, ${platform}` };
  if (network !== undefined && !NETWORKS.includes(network)) return { reason: `its steps have the network ${network}` };
  const buildContexts = contextsOf(all('--build-context'), directory);
  if ('reason' in buildContexts) return buildContexts;
  const dockerfile = path.resolve(directory, last('--file') ?? 'Dockerfile');
  if (!fs.existsSync(dockerfile)) return { reason: `there is no ${dockerfile}` };
  return {
    name,
    directory,
    config,
    args: ['build', ...args],
    dockerfile,
    target: last('--target'),
    platform,
    network: network === 'default' ? undefined : network,
    buildArgs: Object.fromEntries(all('--build-arg').map(divide)),
    buildContexts: buildContexts.contexts,
    secrets: given.filter(([flag]) => flag === '--secret' || flag === '--ssh').flat(),
    cacheFrom: all('--cache-from'),
    cacheTo: all('--cache-to'),
  };
}

function flagsOf(args: readonly string[]): [string, string][] | ForeignBuild {
  const flags: [string, string][] = [];
  const rest = [...args];
  if (rest.pop() !== '.') return { reason: 'its context is another than the folder of the asset' };
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [name, joined] = arg.startsWith('--output=') ? ['--output', arg.slice('--output='.length)] : [arg];
    const value = joined ?? rest.shift();
    if (name === '--no-cache') return { reason: 'it is to be built without a cache' };
    if (!FLAGS.includes(name) || value === undefined) return { reason: `the flag ${name} is not known here` };
    flags.push([name, value]);
  }
  return flags;
}

function contextsOf(given: readonly string[], directory: string): { contexts: AssetBuild['buildContexts'] } | ForeignBuild {
  const contexts: { [name: string]: NamedContext } = {};
  for (const [name, place] of given.map(divide)) {
    const [, image] = /^docker-image:\/\/(.+)$/.exec(place) ?? [];
    const folder = path.resolve(directory, place);
    if (image === undefined && !fs.existsSync(folder)) return { reason: `its context '${name}' is neither an image nor a folder` };
    contexts[name] = image === undefined ? { path: folder } : { image };
  }
  return { contexts };
}

/** A build argument without a value takes that of the environment, which `cdk-assets` never asks for. */
function divide(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
