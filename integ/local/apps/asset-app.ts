import * as fs from 'fs';
import * as path from 'path';
import { App, Environment, Stack, Stage } from 'aws-cdk-lib';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';
import { DockerAssetCache } from '../../../lib';
import { addImagePublishingRole, createImageRepository } from '../aws/bootstrap';
import { BuildPermissions } from '../aws/build-permissions';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { BuildKit } from '../engines/build-kit';
import { CodeBuildPlay, CodeBuildResult, expectSuccess, playCodeBuild } from '../machine/code-build';
import { findProgram } from '../parts/system-programs';
import { answerForEcr } from '../registry/ecr-api';
import { Registry } from '../registry/registry';
import { TrafficTotals } from '../registry/traffic';
import { freshDirectory } from '../world/directories';
import { Lab } from '../world/lab';

const env = { account: '111111111111', region: 'eu-west-1' };

export interface AssetAppOptions {
  readonly name: string;
  /** What a stage deploys. */
  readonly stack: (scope: Stack, contexts: string) => void;
  /** The environments of the stages, each of which has all of it. @default one, that of the pipeline */
  readonly stages?: readonly Required<Environment>[];
  /** Further properties of the pipeline. */
  readonly pipeline?: (scope: Construct) => Partial<pipelines.CodePipelineProps>;
  /** What the pipeline's own options for the Assets stage are. @default none */
  readonly codeBuildOptions?: (scope: Construct) => pipelines.CodeBuildOptions;
  /** @default true */
  readonly hasCache?: boolean;
  /** The package of `cdk-assets` that is installed. @default 'cdk-assets' */
  readonly publisher?: 'cdk-assets' | 'cdk-assets-older';
}

/** How the publishing of all assets went. */
export interface AssetsPublished {
  /** The action of each project that ran. */
  readonly builds: ReadonlyMap<string, CodeBuildResult>;
  readonly log: string;
  /** What `cdk-assets` took, without its installation. */
  readonly seconds: number;
  readonly traffic: TrafficTotals;
  /** What each of the builds may do, and did. */
  readonly permissions: readonly BuildPermissions[];
  /** Where the stages look for images, by the names of their constructs in their stacks. */
  readonly addresses: { readonly [image: string]: readonly string[] };
}

/** An app with image assets, whose Assets stage is played with the real `cdk-assets`. */
export class AssetApp {
  public readonly contexts = freshDirectory('contexts');
  /** The name of the repository of the cache, once there is one. */
  public cacheRepository = '';
  private hasRepositories = false;

  public constructor(private readonly lab: Lab, private readonly options: AssetAppOptions) {
    answerForEcr(lab.aws, lab.registry);
    (options.stages ?? [env]).forEach(place => addImagePublishingRole(lab.aws.callers, place));
  }

  public write(file: string, content: string): void {
    const place = path.join(this.contexts, file);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, content);
  }

  public synth(): { assembly: string; stack: SynthesizedStack } {
    const assembly = freshDirectory('cdk.out');
    const { name, stack: fill, stages = [env], pipeline: more, codeBuildOptions, hasCache = true, publisher = 'cdk-assets' } = this.options;
    const app = new App({ outdir: assembly });
    const scope = new Stack(app, name, { env });
    const own = codeBuildOptions?.(scope);
    const input = pipelines.CodePipelineSource.connection('example/app', 'main', {
      connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    });
    const pipeline = new pipelines.CodePipeline(scope, 'Pipeline', {
      synth: new pipelines.ShellStep('Synth', { input, commands: ['npx cdk synth'] }),
      crossAccountKeys: true,
      // npm takes a folder instead of a version, and then needs no network
      cdkAssetsCliVersion: `file:${path.resolve(__dirname, '../../../node_modules', publisher)}`,
      assetPublishingCodeBuildDefaults: hasCache ? new DockerAssetCache(scope, 'AssetCache').codeBuildOptions(own) : own,
      ...more?.(scope),
    });
    for (const [index, place] of stages.entries()) {
      const stage = new Stage(app, `${name}Stage${index}`, { env: place });
      fill(new Stack(stage, 'Stack'), this.contexts);
      pipeline.addStage(stage);
    }
    app.synth();
    const stack = SynthesizedStack.fromAssembly(assembly, env);
    if (!this.hasRepositories) {
      [this.cacheRepository = ''] = stack.createRepositories(this.lab.registry);
      for (const place of stages) createImageRepository(this.lab.registry, place);
      this.hasRepositories = true;
    }
    return { assembly, stack };
  }

  /** Synthesizes, and plays all projects of the Assets stage that publish images, each on a new machine unless one is given. */
  public async publish(play: Partial<CodeBuildPlay> & { readonly buildKit?: BuildKit | null } = {}): Promise<AssetsPublished> {
    const { assembly, stack } = this.synth();
    const actions = stack.actionsOf('Assets').filter(action => stack.projectOf(action).properties.Environment.PrivilegedMode); // not those of files
    const before = this.lab.registry.traffic.snapshot();
    const builds = new Map<string, CodeBuildResult>();
    for (const action of actions) {
      const buildKit = play.buildKit === undefined ? await BuildKit.fresh() : play.buildKit;
      const environment: { [name: string]: string } = { ...buildKit?.environment, ...play.environment };
      builds.set(action, await playCodeBuild({
        stack,
        aws: this.lab.aws,
        action,
        source: assembly,
        fidelity: 'lossy',
        onLine: process.env.PLAY_VERBOSE ? (line) => process.stderr.write(`${line}\n`) : undefined,
        ...play,
        environment: { ...environment, ...machineOf(environment.PATH) },
      }));
      if (play.buildKit === undefined) await buildKit?.wipe();
    }
    const all = [...builds.values()];
    return {
      builds,
      log: all.map(({ log }) => log).join('\n'),
      seconds: all.flatMap(({ phases }) => phases).filter(({ name }) => name === 'build').reduce((sum, { seconds }) => sum + seconds, 0),
      traffic: this.lab.registry.traffic.since(before),
      permissions: all.map(({ permissions }) => permissions!),
      addresses: addressesOf(assembly),
    };
  }
}

/** What the manifests of the assets of all stages say. */
function addressesOf(assembly: string): { [image: string]: string[] } {
  const addresses: { [image: string]: string[] } = {};
  const files = fs.readdirSync(assembly, { recursive: true, encoding: 'utf8' }).filter(file => /^assembly-.*\.assets\.json$/.test(file));
  const assets = files.flatMap(file => Object.values<any>(JSON.parse(fs.readFileSync(path.join(assembly, file), 'utf8')).dockerImages ?? {}));
  for (const { displayName, destinations } of assets) {
    for (const { assumeRoleArn, region, repositoryName, imageTag } of Object.values<any>(destinations)) {
      const [, account] = /:(\d{12}):/.exec(assumeRoleArn)!;
      (addresses[displayName] ??= []).push(`${Registry.ecrHost({ account, region })}/${repositoryName}:${imageTag}`);
    }
  }
  return addresses;
}

/** Throws with the end of the log unless all went well. */
export function expectPublished(published: AssetsPublished): AssetsPublished {
  published.builds.forEach(expectSuccess);
  return published;
}

/**
 * Lets `npm install --global` find npm, and put things where they are in nobody's way. The credentials of the CDK are looked for in the home directory of the
 * user, which is that of the whole machine here.
 */
function machineOf(pathInFront?: string): { [name: string]: string } {
  const [bin, prefix, home] = ['npm-bin', 'npm-prefix', 'home'].map(freshDirectory);
  fs.symlinkSync(fs.realpathSync(findProgram('npm')!), path.join(bin, 'npm'));
  return {
    HOME: home,
    CDK_DOCKER_CREDS_FILE: path.join(home, '.cdk', 'cdk-docker-creds.json'),
    npm_config_prefix: prefix,
    PATH: [path.join(prefix, 'bin'), ...pathInFront === undefined ? [] : [pathInFront], bin].join(':'),
  };
}
