import * as fs from 'fs';
import * as path from 'path';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { BuildKit } from '../engines/build-kit';
import { CodeBuildPlay, CodeBuildResult, playCodeBuild } from '../machine/code-build';
import { parts } from '../parts/parts';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';
import { Lab } from '../world/lab';

const root = path.join(__dirname, '../../..');

/** The example in Python, which is README's first success. */
export class PythonApp {
  /** Generates the library's package for Python from what was compiled. */
  public static async create(lab: Lab): Promise<PythonApp> {
    if (!fs.existsSync(path.join(root, '.jsii'))) throw new Error('The library is not compiled: npx projen compile');
    const packages = freshDirectory('python');
    const args = ['--target', 'python', '--code-only', '--outdir', packages, '--rosetta-unknown-snippets', 'verbatim', root];
    await execute(process.execPath, [require.resolve('jsii-pacmak/bin/jsii-pacmak'), ...args], { cwd: root });
    return new PythonApp(lab, path.join(packages, 'python/src'));
  }

  private readonly directory = freshDirectory('app');
  private hasRepositories = false;

  private constructor(private readonly lab: Lab, private readonly packages: string) {
    fs.cpSync(path.join(root, 'examples/lambda-python'), this.directory, { recursive: true });
  }

  public write(file: string, content: string): void {
    fs.writeFileSync(path.join(this.directory, file), content);
  }

  /** Synthesizes, and plays the build of its image with a BuildKit that has never built anything. */
  public async build(options: Partial<CodeBuildPlay> = {}): Promise<CodeBuildResult> {
    const assembly = await this.synth();
    const stack = SynthesizedStack.fromAssembly(assembly, { account: '111111111111', region: 'eu-west-1' });
    if (!this.hasRepositories) stack.createRepositories(this.lab.registry);
    this.hasRepositories = true;
    const buildKit = await BuildKit.fresh();
    try {
      return await playCodeBuild({
        stack, source: assembly, aws: this.lab.aws, action: 'BuildImages', fidelity: 'lossy', ...options, environment: { ...buildKit.environment, ...options.environment },
      });
    } finally {
      await buildKit.wipe();
    }
  }

  private async synth(): Promise<string> {
    const assembly = freshDirectory('cdk.out');
    const env = { ...process.env, CDK_OUTDIR: assembly, PYTHONPATH: this.packages };
    await execute(path.join(parts.pythonCdk, 'python'), ['app.py'], { cwd: this.directory, env });
    return assembly;
  }
}
