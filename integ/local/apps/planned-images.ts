import * as fs from 'fs';
import * as path from 'path';
import { WrittenAssembly } from './written-assembly';
import { PLAN_VERSION } from '../../../lib/plan/image-plan';
import { StepSettings } from '../../../lib/plan/step-settings';
import { BuildKit } from '../engines/build-kit';
import { ImageContent, readPushedImage } from '../images/pushed-image';
import { readCopies } from '../machine/build-report';
import { EcrLocation, Registry } from '../registry/registry';
import { tail } from '../world/tail';

/** What images are built with. */
export interface BuildTools {
  readonly registry: Registry;
  readonly ecr: EcrLocation;
  readonly buildKit: BuildKit;
}

/** What is built. */
export interface BuildSource {
  /** A directory. */
  readonly context: string;
  readonly dockerfile: string;
  readonly target?: string;
  readonly buildArgs?: { readonly [name: string]: string };
}

/** How the build of one image went. */
export interface PlannedBuild {
  readonly log: string;
  /** What the report says of the copies; `fails` if there is no image. */
  readonly copies: string;
  readonly image?: ImageContent;
}

const settings: StepSettings = {
  version: PLAN_VERSION,
  // The same compression as that of images, so that nothing is compressed and pushed twice.
  layerCache: { kind: 'registry', mode: 'max', compression: 'gzip' },
  builder: { kind: 'buildkit', buildkitImage: 'none' },
};

/**
 * Images whose plans are written by hand, without a synthesis and a pipeline: for tests that build hundreds of them, all of them at once, with the program that builds
 * those of a step.
 */
export class PlannedImages {
  private readonly assembly: WrittenAssembly;
  private builds = 0;

  public constructor(private readonly tools: BuildTools) {
    this.assembly = new WrittenAssembly(tools.ecr.account);
  }

  /** Builds what the sources have now: of the same number of images each time, in the same order. */
  public async build(sources: readonly BuildSource[]): Promise<PlannedBuild[]> {
    const { registry, ecr } = this.tools;
    const host = Registry.ecrHost(ecr);
    this.builds++;
    sources.forEach((source, index) => this.writePlan(index, source));
    const log = await this.run(sources.map((_, index) => `image-${index}.json`));
    const copies = readCopies(log);
    const tags = await registry.tags(host, 'images');
    return Promise.all(sources.map(async (_, index): Promise<PlannedBuild> => {
      const own = log.split('\n').filter(line => line.startsWith(`image-${index} | `)).join('\n');
      const tag = this.tag(index);
      if (!tags.includes(tag)) return { log: own, copies: 'fails' };
      return { log: own, copies: copies.get(`image-${index}`) ?? '', image: await readPushedImage(registry, `${host}/images:${tag}`) };
    }));
  }

  private tag(index: number): string {
    return `image-${index}-build-${this.builds}`;
  }

  private writePlan(index: number, { context, dockerfile, target, buildArgs = {} }: BuildSource): void {
    const [name, folder] = [`image-${index}`, `context-${index}`];
    fs.rmSync(path.join(this.assembly.directory, folder), { recursive: true, force: true });
    fs.cpSync(context, path.join(this.assembly.directory, folder), { recursive: true, verbatimSymlinks: true });
    const repository = `${Registry.ecrHost(this.tools.ecr)}/images`;
    this.assembly.writePlan(`${name}.json`, { name, repository, tag: this.tag(index), context: folder, dockerfileContent: dockerfile, target, buildArgs });
  }

  /** Gives the log. Images that fail make the program fail, which is for each of them to say. */
  private async run(plans: readonly string[]): Promise<string> {
    const { log } = await this.assembly.run(plans, { settings, environment: this.tools.buildKit.environment });
    if (!log.includes('--- cached docker build ---')) throw new Error(`the program did not get to its report:\n${tail(log)}`);
    return log;
  }
}
