import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine } from './build-machine';
import { hashContext } from '../../../lib/plan/context-hash';
import { ContextManifest, PLAN_VERSION } from '../../../lib/plan/image-plan';
import { LayerCacheSettings, MirrorSettings } from '../../../lib/plan/step-settings';
import { BuilderContext } from '../../../runner/builder/builder';
import { layerCache } from '../../../runner/cache/layer-caches';
import { placeDockerfile } from '../../../runner/image/context';
import { ImageJob } from '../../../runner/image/image-job';
import { ReadyPlan } from '../../../runner/input/read-plan';
import { WorkDirectory } from '../../../runner/process/work-directory';
import { DockerConfig } from '../../../runner/registry/docker-config';
import { Mirrors } from '../../../runner/registry/mirrors';
import { Log } from '../../../runner/report/log';
import { ImageSecrets } from '../../../runner/secrets/image-secrets';

export const REPOSITORY = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app';
export const CACHE_REPOSITORY = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/cache';

const works: WorkDirectory[] = [];

afterEach(() => works.splice(0).forEach((work) => work.remove()));

/** A plan with what every one has. */
export function plan(values: Partial<ReadyPlan> = {}): ReadyPlan {
  return {
    version: PLAN_VERSION,
    name: 'App',
    repository: REPOSITORY,
    tag: 'v1',
    context: 'asset.1',
    dockerfile: 'Dockerfile',
    dockerfileContent: 'FROM scratch\n',
    platform: 'linux/amd64',
    buildArgs: {},
    linkCopies: false,
    stagingTag: 'cache-staging',
    cacheName: 'cache-a',
    sharedCacheName: 'cache-s',
    runsOnLambda: false,
    ...values,
  };
}

/** What synthesis writes of a context. */
export function contextFiles(directory: string, values: Partial<Omit<ContextManifest, 'hash'>> = {}): ContextManifest {
  const manifest = { files: {}, executables: [], emptyDirectories: [], links: {}, ...values };
  return { ...manifest, hash: hashContext(directory, manifest) };
}

export interface SetupOptions {
  readonly cache?: LayerCacheSettings;
  readonly mirrors?: MirrorSettings;
  /** Of the build itself, beside that of the fake machine. */
  readonly ownEnv?: { readonly [name: string]: string };
  /** Where an engine is kept. */
  readonly keep?: string;
}

/** What a build finds when its builder is started, with fake machine. */
export class BuildSetup {
  public readonly lines: string[] = [];
  public readonly log = new Log((line) => this.lines.push(line));
  public readonly work = WorkDirectory.create();
  public readonly input: string;
  public readonly mirrors: Mirrors;
  public readonly context: BuilderContext;

  constructor(public readonly machine: BuildMachine, { cache = { kind: 'none' }, mirrors = {}, ownEnv = {}, keep }: SetupOptions = {}) {
    works.push(this.work);
    this.input = machine.path('input');
    fs.mkdirSync(this.input, { recursive: true });
    this.mirrors = new Mirrors(mirrors, this.work, this.log);
    const env = { ...machine.env };
    const dockerConfig = new DockerConfig(this.work, env);
    this.context = {
      cache: layerCache(cache, (value) => (typeof value === 'string' ? value : ownEnv[value.variable])),
      mirrors: this.mirrors,
      dockerConfig,
      work: this.work,
      log: this.log,
      env: { ...env, ...dockerConfig.environment },
      ownEnv: { ...env, ...ownEnv },
      input: this.input,
      keep,
    };
  }

  public job(values: Partial<ReadyPlan> = {}, log = this.log): ImageJob {
    const ready = plan(values);
    const job = {
      plan: ready,
      planFile: `image-${ready.name}.json`,
      repository: ready.repository,
      input: this.input,
      context: path.join(this.input, ready.context),
      secrets: new ImageSecrets(ready, undefined, {}, {}, this.work),
      work: this.work.within(`image-${ready.name}`),
      log,
    };
    return { ...job, dockerfile: placeDockerfile(job) };
  }

  /** Writes a file of the input. */
  public write(name: string, content: string, mode = 0o644): string {
    const file = path.join(this.input, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    fs.chmodSync(file, mode);
    return file;
  }

  public get warnings(): string[] {
    return this.lines.filter((line) => line.startsWith('WARNING: ')).map((line) => line.slice('WARNING: '.length));
  }
}

/** Makes waits shorter: how long those of so many milliseconds take instead. */
export function shorten(waits: { readonly [milliseconds: number]: number }): void {
  const wait = setTimeout;
  jest.spyOn(global, 'setTimeout').mockImplementation(((run: () => void, milliseconds = 0, ...rest: []) => (
    wait(run, waits[milliseconds] ?? milliseconds, ...rest))) as typeof setTimeout);
}

afterEach(() => jest.restoreAllMocks());
