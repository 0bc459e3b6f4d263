import { spawn } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { CachedDockerImage, DockerContext } from '../../../lib';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { parts } from '../parts/parts';
import { freshDirectory } from '../world/directories';
import { Lab } from '../world/lab';

const env = { account: '111111111111', region: 'eu-west-1' };

export interface HandRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Adds to the stack with the images. */
export type ExtendStack = (stack: Stack, images: readonly CachedDockerImage[]) => void;

/** An app with images that no pipeline builds, and a person who calls the program in its cloud assembly. */
export class HandRunApp {
  public readonly contexts = freshDirectory('contexts');
  private readonly assembly = freshDirectory('cdk.out');
  private readonly home = freshDirectory('home');

  /** @param images their names, which are those of the folders of their contexts */
  public constructor(private readonly lab: Lab, private readonly images: readonly string[], private readonly extend: ExtendStack = () => undefined) {}

  public write(file: string, content: string): void {
    const place = path.join(this.contexts, file);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, content);
  }

  public synth(): SynthesizedStack {
    fs.rmSync(this.assembly, { recursive: true });
    const app = new App({ outdir: this.assembly });
    const stack = new Stack(app, 'Images', { env });
    const images = this.images.map((name) => (
      new CachedDockerImage(stack, name, { context: DockerContext.directory(path.join(this.contexts, name)), builtElsewhere: true })));
    this.extend(stack, images);
    app.synth();
    return SynthesizedStack.fromAssembly(this.assembly, env, 'Images');
  }

  /** @param environment on top of what everybody has; a `PATH` comes before the usual one, and an empty text takes a variable away */
  public async run(args: readonly string[], environment: { readonly [name: string]: string } = {}): Promise<HandRun> {
    const variables: { [name: string]: string } = {
      ...this.lab.aws.environment(env.region),
      HOME: this.home,
      NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
      ...environment,
      PATH: [environment.PATH ?? parts.bin, parts.python, '/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    };
    const child = spawn(process.execPath, [path.join(this.assembly, 'cached-docker-build.cjs'), ...args], {
      cwd: this.home, stdio: ['ignore', 'pipe', 'pipe'], env: Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')),
    });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        texts[stream] += text;
        if (process.env.PLAY_VERBOSE) process.stderr.write(text);
      });
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { code, ...texts };
  }

  /** What a command answers to programs. */
  public async json(args: readonly string[], environment: { readonly [name: string]: string } = {}): Promise<any> {
    const { code, stdout, stderr } = await this.run([...args, '--json'], environment);
    try {
      return { code, ...JSON.parse(stdout) as object };
    } catch {
      throw new Error(`${args.join(' ')} ended with ${code} and no JSON\n${stdout}${stderr}`);
    }
  }
}
