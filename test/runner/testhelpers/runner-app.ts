import { ChildProcess, spawn } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { BuildMachine, leavesDigest } from './build-machine';
import { contextFiles, plan } from './build-setup';
import { FakeRegistry } from './fake-registry';
import { manifest } from './manifests';
import { TestAuthority } from './test-authority';
import { PLAN_VERSION } from '../../../lib/plan/image-plan';
import { StepSettings } from '../../../lib/plan/step-settings';
import { bundleRunner } from '../../../projenrc/bundle-runner';
import { ReadyPlan } from '../../../runner/input/read-plan';

export interface RunOutcome {
  readonly code: number | null;
  readonly lines: string[];
  readonly stderr: string;
}

/** A cloud assembly with images, the bundled program in it, and a machine with fake programs and a registry to run it on. */
export class RunnerApp {
  public readonly machine = new BuildMachine('docker', 'docker-credential-ecr-login', 'aws', 'dockerd', 'iptables', 'executor');
  public readonly assembly = this.machine.path('assembly');
  public readonly env: { [name: string]: string | undefined };

  constructor(bundle: string, public readonly registry: FakeRegistry, authority: string) {
    fs.mkdirSync(this.assembly);
    fs.copyFileSync(bundle, path.join(this.assembly, 'cached-docker-build.cjs'));
    fs.writeFileSync(path.join(this.assembly, 'manifest.json'), '{}'); // as in every cloud assembly
    fs.writeFileSync(this.machine.path('authority.pem'), authority);
    fs.mkdirSync(this.machine.path('tmp'));
    this.env = { ...this.machine.env, TMPDIR: this.machine.path('tmp'), SSL_CERT_FILE: this.machine.path('authority.pem'), BUILDX_BUILDER: 'given', no_proxy: '*' };
    this.machine.tell('docker-credential-ecr-login', { get: { stdout: '{"Username":"AWS","Secret":"the password"}' } });
    this.settings({ layerCache: { kind: 'none' } });
    this.builds();
  }

  /** The settings of the step. */
  public settings(values: Partial<StepSettings>): void {
    this.env.CACHED_DOCKER_BUILD_SETTINGS = JSON.stringify({ version: PLAN_VERSION, layerCache: { kind: 'none' }, builder: { kind: 'buildkit', buildkitImage: 'moby/buildkit:v1' }, ...values });
  }

  /** An image of the assembly, with one file in its context. Gives the file of its plan. */
  public image(name: string, values: Partial<ReadyPlan> = {}): string {
    const context = `asset.${name}`;
    fs.mkdirSync(path.join(this.assembly, context));
    fs.writeFileSync(path.join(this.assembly, context, 'app.py'), name);
    const files = contextFiles(path.join(this.assembly, context), { files: { 'app.py': name.length } });
    const file = `image-${name}.json`;
    fs.writeFileSync(path.join(this.assembly, file), JSON.stringify(plan({
      name, repository: `${this.registry.host}/team/${name.toLowerCase()}`, context, contextFiles: files, dockerfileContent: `FROM scratch\n# ${name}\n`, ...values,
    })));
    return file;
  }

  /** Lets the registry have an image with its tag. Gives its digest. */
  public has(name: string): string {
    const { body, type } = manifest({ annotations: { name } });
    return this.registry.put(`team/${name.toLowerCase()}`, 'v1', body, type);
  }

  /** Lets the registry have the layer cache of an image, written at some time. */
  public hasCache(name: string, writtenAt?: string): void {
    const layers = [{ digest: 'sha256:a', size: 1_500_000 }, { digest: 'sha256:b', size: 500_000 }, { digest: 'sha256:b', size: 500_000 }];
    const { body, type } = manifest({ layers, ...writtenAt !== undefined && { annotations: { 'org.opencontainers.image.created': writtenAt } } });
    this.registry.put(`team/${name.toLowerCase()}`, 'cache-a', body, type);
  }

  /** Lets the registry have an image without a tag, as a build pushes it. Gives its digest. */
  public pushes(name: string, values: object = {}): string {
    const { body, type } = manifest({ annotations: { name }, ...values });
    return this.registry.put(`team/${name.toLowerCase()}`, undefined, body, type);
  }

  /** What the fake buildx does with each image: in sh, before it says what it pushed. Each has to be in the registry by its digest. */
  public builds(digests: { [name: string]: string } = {}, run: { [name: string]: string } = {}): void {
    const cases = Object.entries(digests).map(([name, digest]) => `*/asset.${name})\n${run[name] ?? ':'}\n${leavesDigest(digest)} ;;`);
    this.machine.script('docker', `case "$*" in
      'buildx inspect '*|'buildx version'*) echo 'github.com/docker/buildx v0.32.1 x'; exit 0 ;;
    esac
    for context in "$@"; do :; done
    case "$context" in\n${cases.join('\n')}\n*) echo "the fake docker was not told what to answer to: $*" >&2; exit 97 ;; esac`);
  }

  public async run(...args: string[]): Promise<RunOutcome> {
    return this.start(...args).outcome;
  }

  /** Runs it, and lets something be done to it meanwhile. */
  public start(...args: string[]): { readonly child: ChildProcess; readonly outcome: Promise<RunOutcome> } {
    const child = spawn(process.execPath, [path.join(this.assembly, 'cached-docker-build.cjs'), ...args], {
      env: this.env as NodeJS.ProcessEnv, cwd: this.machine.directory, stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', (text: string) => { texts[stream] += text; });
    const outcome = new Promise<RunOutcome>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, lines: texts.stdout.split('\n').slice(0, -1), stderr: texts.stderr }));
    });
    return { child, outcome };
  }

  /** The solves, by the image of each. */
  public get built(): string[] {
    return this.machine.argumentsOf('docker').filter(([, command]) => command === 'build').map((args) => path.basename(args.at(-1)!).replace('asset.', ''));
  }
}

/** Gives a new app for each test of a file. */
export function runnerApps(): () => RunnerApp {
  let directory: string;
  let authority: TestAuthority;
  let app: RunnerApp;

  beforeAll(() => {
    authority = new TestAuthority();
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'cached-docker-build-'));
    bundleRunner(path.join(directory, 'bundle.cjs'));
  });

  afterAll(() => {
    authority.remove();
    fs.rmSync(directory, { recursive: true });
  });

  beforeEach(async () => {
    const registry = new FakeRegistry(authority.issue());
    await registry.start();
    app = new RunnerApp(path.join(directory, 'bundle.cjs'), registry, authority.cert);
  });

  afterEach(async () => app.registry.stop());

  return () => app;
}
