import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { contextFiles } from '../../../../lib/context/context-files';
import { manifestOf } from '../../../../lib/context/staged-context';
import { PLAN_VERSION } from '../../../../lib/plan/image-plan';
import { StepSettings } from '../../../../lib/plan/step-settings';
import { BuildKit } from '../../engines/build-kit';
import { Engine } from '../../engines/engine';
import { copyRepository } from '../../images/copy-repository';
import { ImageContent, readPushedImage } from '../../images/pushed-image';
import { StoredTag } from '../../images/stored-tag';
import { BuildReport, readReport } from '../../machine/build-report';
import { FaultEffect, FaultMatch } from '../../registry/faults';
import { Registry } from '../../registry/registry';
import { Lab } from '../../world/lab';
import { RunnerOptions, RunnerResult, WrittenAssembly } from '../written-assembly';

export const ecr = { account: '111111111111', region: 'eu-west-1' };
export const host = Registry.ecrHost(ecr);

/** Where the base images are. */
export const hub = 'docker.io';

/** What builds. */
export type Machine = BuildKit | Engine;

/** One build of a scene. */
export interface SceneBuild extends RunnerResult {
  readonly report: BuildReport;
}

export interface SceneBuildOptions extends Pick<RunnerOptions, 'onStart' | 'onLine'> {
  /** @default a new one */
  readonly machine?: Machine;
}

/** What is built: the source that every push changes, and where a layer of the first stage goes, for which another place needs that layer. */
interface Source {
  readonly marker: string;
  readonly place: string;
}

const FIRST: Source = { marker: 'first', place: 'one' };

/** An image with a repository and a base image of its own, so that what goes wrong for it goes wrong for nobody else. */
export class FaultScene {
  public readonly assembly = new WrittenAssembly(ecr.account);
  public source = FIRST;
  public platform = 'linux/amd64';
  /** What the step says, or a text that says nothing. */
  public settings: StepSettings | string;
  /** On top of what builds have in their environment anyway. */
  public environment: NodeJS.ProcessEnv = {};
  private readonly given: StepSettings;
  private expectedSource?: Source;
  private readonly ends: (() => unknown)[] = [];

  /** @param name of the repository and of the base image */
  public constructor(public readonly lab: Lab, public readonly name: string, settings: Partial<StepSettings> = {}) {
    lab.registry.createRepository(ecr, name, { mutability: 'IMMUTABLE_WITH_EXCLUSION', exclusions: ['cache-*', 'latest'] });
    this.settings = this.given = {
      version: PLAN_VERSION,
      layerCache: { kind: 'registry', mode: 'max', compression: 'gzip' },
      builder: { kind: 'buildkit', buildkitImage: 'none' },
      additionalTags: ['latest'],
      ...settings,
    };
    this.write();
  }

  public get registry(): Registry {
    return this.lab.registry;
  }

  /** The tag of what is built now. */
  public get tag(): string {
    return `source-${this.source.marker}-${this.source.place}`;
  }

  public get image(): string {
    return `${host}/${this.name}:${this.tag}`;
  }

  public get context(): string {
    return path.join(this.assembly.directory, 'context');
  }

  /** Gives it the base image, and with `source` all that builds of another scene have left in their repository. */
  public async prepare(source?: FaultScene): Promise<void> {
    await copyRepository(this.registry, { host: hub, from: 'library/busybox', to: `library/${this.name}` });
    if (source) await copyRepository(this.registry, { host, from: source.name, to: this.name });
  }

  /** Other files, and so another tag: of the source that changes all the time, or the place of a layer of the first stage. */
  public change(source: Partial<Source>): void {
    this.source = { ...this.source, ...source };
    this.expectedSource = undefined;
    this.write();
  }

  /** That something else is under the tag now. */
  public expect(source: Source): void {
    this.expectedSource = source;
  }

  /** Writes what is built now. */
  public write(tag = this.tag): void {
    fs.rmSync(this.context, { recursive: true, force: true });
    const files = { 'requirements.txt': 'none\n', 'src/app.py': appOf(this.source) };
    for (const [file, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(this.context, file)), { recursive: true });
      fs.writeFileSync(path.join(this.context, file), content);
    }
    const base = `${hub}/library/${this.name}:stable`;
    this.assembly.writePlan('image.json', {
      name: 'image',
      repository: `${host}/${this.name}`,
      tag,
      context: 'context',
      platform: this.platform,
      contextFiles: manifestOf(this.context, contextFiles(this.context, undefined)),
      dockerfileContent: [
        `FROM ${base} AS builder`,
        'COPY requirements.txt /',
        'RUN mkdir /made && cp /requirements.txt /made/',
        `FROM ${base}`,
        'RUN mkdir -p /srv && mkdir -m 2750 /srv/app && chown 1000:50 /srv/app',
        `COPY --from=builder /made /opt/${this.source.place}/`,
        'COPY src /srv/app/',
        '',
      ].join('\n'),
    });
  }

  /** Requests of this image that go wrong until the scene is mended. Gives a function that ends it, too, and tells how often it hit. */
  public fault(match: FaultMatch, effect: FaultEffect, at = host): () => number {
    const repository = at === host ? this.name : `library/${this.name}`;
    const end = this.registry.fault({ ...match, host: at === hub ? undefined : at, url: new RegExp(`/v2/${repository}/.*${match.url?.source ?? ''}`) }, effect);
    this.ends.push(end);
    return end;
  }

  /** The same for its layer cache in the bucket. */
  public bucketFault(match: FaultMatch, effect: FaultEffect): void {
    this.ends.push(this.lab.s3.faults.add({ ...match, url: new RegExp(`/${this.name}/.*${match.url?.source ?? ''}`) }, effect));
  }

  /** Something that is over when the scene is mended. */
  public until(end: () => unknown): void {
    this.ends.push(end);
  }

  public async mend(): Promise<void> {
    for (const end of this.ends.splice(0)) await end();
    this.environment = {};
    this.settings = this.given;
    this.assembly.writeHelper();
    this.write();
  }

  public async build({ machine, ...options }: SceneBuildOptions = {}): Promise<SceneBuild> {
    const builds = machine ?? await this.freshMachine();
    try {
      const environment = { ...this.lab.aws.environment(ecr.region), ...builds.environment, ...this.environment };
      const result = await this.assembly.run(['image.json'], { settings: this.settings, environment, ...options });
      return { ...result, report: readReport(result.log) };
    } finally {
      if (!machine) await builds.wipe();
    }
  }

  /** On which nothing was ever built. */
  public async freshMachine(): Promise<Machine> {
    if (this.given.builder.kind !== 'dockerEngine') return BuildKit.fresh({ isInMemory: true });
    const engine = await Engine.fresh({ suite: 'sid' });
    this.assembly.writeDocker(`exec ${engine.client} "$@"`);
    return engine;
  }

  public async tags(): Promise<string[]> {
    return this.registry.tags(host, this.name);
  }

  /** What is under a tag. */
  public async read(tag: string): Promise<ImageContent> {
    return readPushedImage(this.registry, `${host}/${this.name}:${tag}`);
  }

  public stored(tag: string): StoredTag {
    return new StoredTag(this.registry, host, this.name, tag);
  }

  public storedBase(): StoredTag {
    return new StoredTag(this.registry, hub, `library/${this.name}`, 'stable');
  }

  /** The layers that the cache has, and none of the images. */
  public async cacheLayers(): Promise<string[]> {
    const ofImage = await this.stored('latest').layers();
    return (await this.stored('cache-image').layers()).filter(digest => !ofImage.includes(digest));
  }

  /** What an image of this source has to be, if that of the first one was right. */
  public expected(first: ImageContent): ImageContent {
    const source = this.expectedSource ?? this.source;
    const hash = (content: string) => createHash('sha256').update(content).digest('hex');
    const tree = first.tree.map(line => line
      .replace(hash(appOf(FIRST)), hash(appOf(source)))
      .replace(`/opt/${FIRST.place}`, `/opt/${source.place}`));
    return { ...first, tree };
  }
}

function appOf({ marker }: Source): string {
  return `MARKER = '${marker}'\n`;
}
