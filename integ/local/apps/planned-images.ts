import * as fs from 'fs';
import * as path from 'path';
import { ImagePlan, PLAN_VERSION } from '../../../lib/plan/image-plan';
import { SETTINGS_VARIABLE, StepSettings } from '../../../lib/plan/step-settings';
import { BuildKit } from '../engines/build-kit';
import { ImageContent, readPushedImage } from '../images/pushed-image';
import { readCopies } from '../machine/build-report';
import { parts } from '../parts/parts';
import { EcrLocation, Registry } from '../registry/registry';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';

const program = path.join(__dirname, '../../../bundle/cached-docker-build.cjs');

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
  /** The folder that stands for the cloud assembly: the program takes what it builds from where it is itself. */
  private readonly assembly = freshDirectory('assembly');
  private builds = 0;

  public constructor(private readonly tools: BuildTools) {
    fs.copyFileSync(program, path.join(this.assembly, 'build.cjs'));
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
    fs.rmSync(path.join(this.assembly, folder), { recursive: true, force: true });
    fs.cpSync(context, path.join(this.assembly, folder), { recursive: true, verbatimSymlinks: true });
    const plan: ImagePlan = {
      version: PLAN_VERSION,
      name,
      repository: `${Registry.ecrHost(this.tools.ecr)}/images`,
      tag: this.tag(index),
      context: folder,
      dockerfile: 'Dockerfile',
      dockerfileContent: dockerfile,
      target,
      platform: 'linux/amd64',
      buildArgs,
      linkCopies: true,
      stagingTag: `cache-${name}_push`,
      cacheName: `cache-${name}`,
      sharedCacheName: `cache-${name}`,
      runsOnLambda: false,
    };
    fs.writeFileSync(path.join(this.assembly, `${name}.json`), JSON.stringify(plan));
  }

  /** Gives the log. Images that fail make the program fail, which is for each of them to say. */
  private async run(plans: readonly string[]): Promise<string> {
    let log = '';
    try {
      await execute(process.execPath, [path.join(this.assembly, 'build.cjs'), 'build', ...plans], {
        env: { ...this.tools.buildKit.environment, ...this.environment(), [SETTINGS_VARIABLE]: JSON.stringify(settings) },
        onLine: line => log += `${line}\n`,
      });
    } catch (error) {
      if (!log.includes('--- cached docker build ---')) throw error;
    }
    return log;
  }

  private environment(): NodeJS.ProcessEnv {
    const home = path.join(this.assembly, 'home');
    fs.mkdirSync(path.join(home, 'bin'), { recursive: true });
    const script = (name: string, command: string) => fs.writeFileSync(path.join(home, 'bin', name), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    // The real ones cost more than a small build: this asks AWS for the password each time, and that starts buildx three times for each build.
    script('docker-credential-ecr-login', `echo '{"Username":"AWS","Secret":"${this.tools.ecr.account}-auth-token"}'`);
    script('docker', `[ "$1" = buildx ] && shift && exec ${path.join(parts.bin, 'buildx')} "$@"`);
    return {
      HOME: home,
      TMPDIR: home,
      NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
      PATH: [path.join(home, 'bin'), parts.node, '/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    };
  }
}
