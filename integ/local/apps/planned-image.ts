import * as fs from 'fs';
import * as path from 'path';
import { ImagePlan, PLAN_VERSION } from '../../../lib/plan/image-plan';
import { SETTINGS_VARIABLE, StepSettings } from '../../../lib/plan/step-settings';
import { BuildKit } from '../engines/build-kit';
import { ImageContent, readPushedImage } from '../images/pushed-image';
import { readReport } from '../machine/build-report';
import { parts } from '../parts/parts';
import { EcrLocation, Registry } from '../registry/registry';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';

const bundle = path.join(__dirname, '../../../bundle/cached-docker-build.cjs');

let images = 0;

/** What images are built with. */
export interface PlannedImageTools {
  readonly registry: Registry;
  readonly ecr: EcrLocation;
  readonly buildKit: BuildKit;
}

/** How one build went. */
export interface PlannedBuild {
  readonly log: string;
  /** What the report says of the copies. */
  readonly copies: string;
  /** Undefined if the build failed. */
  readonly image?: ImageContent;
}

/** An image whose plan is written by hand, without a synthesis and a pipeline: for tests that build hundreds of them with the program that builds them all. */
export class PlannedImage {
  /** The folder that stands for the cloud assembly: the program takes what it builds from where it is itself. */
  private readonly assembly = freshDirectory('assembly');
  private readonly name = `image-${++images}`;
  private builds = 0;

  public constructor(private readonly tools: PlannedImageTools, private readonly dockerfile: string) {
    fs.copyFileSync(bundle, path.join(this.assembly, 'build.cjs'));
  }

  /** Builds what is in a directory now. */
  public async build(context: string): Promise<PlannedBuild> {
    const { registry, ecr, buildKit } = this.tools;
    const repository = `${Registry.ecrHost(ecr)}/images`;
    const tag = `${this.name}-${++this.builds}`;
    fs.rmSync(path.join(this.assembly, 'context'), { recursive: true, force: true });
    fs.cpSync(context, path.join(this.assembly, 'context'), { recursive: true, verbatimSymlinks: true });
    this.write('image.json', {
      version: PLAN_VERSION,
      name: this.name,
      repository,
      tag,
      context: 'context',
      dockerfile: 'Dockerfile',
      dockerfileContent: this.dockerfile,
      platform: 'linux/amd64',
      buildArgs: {},
      cacheName: `cache-${this.name}`,
      sharedCacheName: `cache-${this.name}`,
      runsOnLambda: false,
    } satisfies ImagePlan);
    let log = '';
    try {
      await execute(process.execPath, [path.join(this.assembly, 'build.cjs'), 'build', 'image.json'], {
        env: { ...buildKit.environment, ...this.environment(), [SETTINGS_VARIABLE]: JSON.stringify(settings) },
        onLine: line => log += `${line}\n`,
      });
    } catch (error) {
      if (!log.includes('--- cached docker build ---')) throw error;
    }
    const isTagged = (await registry.tags(Registry.ecrHost(ecr), 'images')).includes(tag);
    return { log, copies: readReport(log).copies, image: isTagged ? await readPushedImage(registry, `${repository}:${tag}`) : undefined };
  }

  private write(file: string, content: object): void {
    fs.writeFileSync(path.join(this.assembly, file), JSON.stringify(content));
  }

  private environment(): NodeJS.ProcessEnv {
    const home = path.join(this.assembly, 'home');
    fs.mkdirSync(path.join(home, 'bin'), { recursive: true });
    // The real helper asks AWS each time, which is for other tests.
    fs.writeFileSync(path.join(home, 'bin/docker-credential-ecr-login'), `#!/bin/sh\necho '{"Username":"AWS","Secret":"${this.tools.ecr.account}-auth-token"}'\n`, { mode: 0o755 });
    return {
      HOME: home,
      TMPDIR: home,
      NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
      PATH: [path.join(home, 'bin'), parts.node, parts.bin, '/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    };
  }
}

const settings: StepSettings = {
  version: PLAN_VERSION,
  layerCache: { kind: 'registry', mode: 'max', compression: 'zstd' },
  builder: { kind: 'buildkit', buildkitImage: 'none' },
};
