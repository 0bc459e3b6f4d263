import * as fs from 'fs';
import * as path from 'path';
import { OUTDIR_ENV } from 'aws-cdk-lib/cx-api';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { BuildKit } from '../engines/build-kit';
import { ImageReport, readImageReports } from '../machine/build-report';
import { CodeBuildResult, playCodeBuild } from '../machine/code-build';
import { TrafficTotals } from '../registry/traffic';
import { freshDirectory } from '../world/directories';
import { Lab } from '../world/lab';

/** How the build of all images of an example went. */
export interface CopiedExampleBuild extends CodeBuildResult {
  readonly images: readonly ImageReport[];
  readonly traffic: TrafficTotals;
}

/** A copy of one of the `examples`, whose app is run as it is. */
export class CopiedExample {
  private readonly copy = freshDirectory('example');
  private hasRepositories = false;

  public constructor(private readonly lab: Lab, name: string) {
    fs.cpSync(path.join(__dirname, '../../../examples', name), this.copy, { recursive: true });
  }

  public write(file: string, content: string): void {
    fs.writeFileSync(path.join(this.copy, file), content);
  }

  /** Synthesizes, and plays the build of all images on a new machine, in the account and region where the app, which names none, is deployed to. */
  public async build(action: string): Promise<CopiedExampleBuild> {
    const source = this.synth();
    const stack = SynthesizedStack.fromAssembly(source, { account: '111111111111', region: 'eu-west-1' });
    if (!this.hasRepositories) stack.createRepositories(this.lab.registry);
    this.hasRepositories = true;
    const buildKit = await BuildKit.fresh();
    const before = this.lab.registry.traffic.snapshot();
    try {
      const result = await playCodeBuild({ stack, aws: this.lab.aws, action, source, fidelity: 'lossy', environment: buildKit.environment });
      return { ...result, images: readImageReports(result.log), traffic: this.lab.registry.traffic.since(before) };
    } finally {
      await buildKit.wipe();
    }
  }

  private synth(): string {
    const assembly = freshDirectory('cdk.out');
    process.env[OUTDIR_ENV] = assembly;
    try {
      jest.isolateModules(() => { jest.requireActual(path.join(this.copy, 'app')); });
    } finally {
      delete process.env[OUTDIR_ENV];
    }
    return assembly;
  }
}
