import * as fs from 'fs';
import * as path from 'path';
import { OUTDIR_ENV } from 'aws-cdk-lib/cx-api';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { BuildKit } from '../engines/build-kit';
import { ImageReport, readImageReports, readReport } from '../machine/build-report';
import { CodeBuildResult, playCodeBuild } from '../machine/code-build';
import { TrafficTotals } from '../registry/traffic';
import { freshDirectory } from '../world/directories';
import { Lab } from '../world/lab';

const onLine = (line: string) => void (process.env.PLAY_VERBOSE && process.stderr.write(`${line}\n`));

/** How the build of all images of an example went. */
export interface CopiedExampleBuild extends CodeBuildResult {
  /** The cloud assembly that it was made from. */
  readonly assembly: string;
  readonly stack: SynthesizedStack;
  /** One that is alone is named by its address. */
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

  public read(file: string): string {
    return fs.readFileSync(path.join(this.copy, file), 'utf8');
  }

  /** Synthesizes, and plays the build of all images on a new machine, in the account and region where the app, which names none, is deployed to. */
  public async build(action: string): Promise<CopiedExampleBuild> {
    const source = this.synth();
    const stack = SynthesizedStack.fromAssembly(source, { account: '111111111111', region: 'eu-west-1' });
    if (!this.hasRepositories) stack.createRepositories(this.lab.registry);
    this.hasRepositories = true;
    const buildKit = await BuildKit.fresh({ isInMemory: true });
    const before = this.lab.registry.traffic.snapshot();
    try {
      const { environment } = buildKit;
      const result = await playCodeBuild({ stack, aws: this.lab.aws, action, source, fidelity: 'lossy', environment, onLine });
      const traffic = this.lab.registry.traffic.since(before);
      const several = readImageReports(result.log);
      const images = several.length > 0 ? several : [readReport(result.log)];
      return { ...result, assembly: source, stack, images, traffic };
    } finally {
      await buildKit.wipe();
    }
  }

  /** Runs a copy of the app each time, as no module runs twice, and those of the CDK take long. */
  private synth(): string {
    const [assembly, app] = [freshDirectory('cdk.out'), freshDirectory('example')];
    fs.cpSync(this.copy, app, { recursive: true });
    process.env[OUTDIR_ENV] = assembly;
    try {
      jest.requireActual(path.join(app, 'app'));
    } finally {
      delete process.env[OUTDIR_ENV];
    }
    return assembly;
  }
}

/** The images that the functions of a stack are deployed with. The assembly is that of its stage. */
export function deployedImages(assembly: string, stack: string, account = '111111111111'): string[] {
  const deployed = SynthesizedStack.fromAssembly(assembly, { account, region: 'eu-west-1' }, stack);
  return deployed.ofType('AWS::Lambda::Function').map(id => deployed.resource(id).properties.Code.ImageUri);
}
