import { AspectPriority, Aspects } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { trustOwnAccount } from './account-trust';
import { BuildJob, buildJob } from './build-job';
import { CachedDockerBuildProjectProps } from './cached-docker-build-project-props';
import { FindingReasons } from './finding-reasons';
import { projectErrors } from './project-check';
import { DockerBuilder } from '../builder/docker-builder';
import { CachedDockerImage } from '../image/cached-docker-image';
import { RUNNER_FILE } from '../image/copy-runner';
import { BuildMetrics } from '../metrics/build-metrics';

/**
 * The build of images in a CodeBuild project of its own: for an action of an AWS CodePipeline pipeline that is not made with CDK Pipelines, for a webhook, or to be
 * started by hand.
 *
 * The images are built as by a `CachedDockerBuildStep`, with the same permissions. Nothing tells the project when to run: whoever deploys a stack that uses an image has
 * to run it before.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/builds-projects-and-builds.html
 */
export class CachedDockerBuildProject extends Construct implements iam.IGrantable {
  /** The project, for the action of a pipeline, for rules and for alarms. */
  public readonly project: codebuild.Project;

  /** The role of the build. */
  public readonly grantPrincipal: iam.IPrincipal;

  /**
   * Raises an error for the images, caches and builders for which a `CachedDockerBuildStep` does, when an image is built from a source of CDK Pipelines, when there are
   * `deployCommands` or a `source` without `synthCommands`, and when a tag or another value is a pipeline variable, which only the action knows.
   */
  constructor(scope: Construct, id: string, props: CachedDockerBuildProjectProps) {
    super(scope, id);
    const name = this.node.path;
    const job = buildJob(name, { ...props, scope: this, what: 'project', metrics: BuildMetrics.NONE });
    checkInput(name, props);
    checkVariables(name, job.environment);

    const { buildImage, ...environment } = job.buildEnvironment;
    const options: codebuild.CommonProjectProps = {
      projectName: props.projectName,
      description: `Builds ${props.images.map(({ node }) => node.path).join(', ')}`.slice(0, 255),
      buildSpec: buildSpec(job, props),
      environment: {
        ...environment,
        buildImage: buildImage ?? codebuild.LinuxBuildImage.STANDARD_7_0,
        environmentVariables: {
          ...Object.fromEntries(Object.entries(job.environment).map(([variable, value]) => [variable, { value }])),
          ...environment.environmentVariables,
        },
      },
      cache: job.projectCache,
      timeout: props.timeout,
      vpc: props.vpc,
      subnetSelection: props.subnetSelection,
      securityGroups: props.securityGroups,
      logging: props.logging,
      role: props.role,
    };
    this.project = props.source
      ? new codebuild.Project(this, 'Project', { ...options, source: props.source })
      : new codebuild.PipelineProject(this, 'Project', options);
    this.grantPrincipal = this.project.grantPrincipal;
    const statements: iam.PolicyStatement[] = [];
    const add = (more: readonly iam.PolicyStatement[]) => more.forEach((statement) => {
      statements.push(statement);
      this.project.addToRolePolicy(statement);
    });
    add(job.statements);
    job.onLayersMoved(add);
    if (!props.role) {
      trustOwnAccount(this.project);
    }

    props.images.forEach((image) => image._builds.addElsewhere());
    const builder = props.builder ?? DockerBuilder.buildkit();
    const reasons = new FindingReasons(() => ({ project: this.project, hasArtifacts: false }), statements, builder._bound.buildImage !== undefined);
    [this, ...props.role ? [props.role] : []].forEach((place) => Aspects.of(place).add(reasons, { priority: AspectPriority.MUTATING }));
    this.node.addValidation({ validate: () => projectErrors({ id: name, cache: job.projectCache, project: this.project }, builder) });
  }
}

function checkInput(name: string, { images, source, synthCommands, deployCommands }: CachedDockerBuildProjectProps): void {
  const [sourced] = images.filter((image: CachedDockerImage) => image._context.source);
  if (sourced) {
    throw new Error(`'${name}': the context of '${sourced.node.path}' is a source of CDK Pipelines, which a project does not have; use DockerContext.directory(), or a CachedDockerBuildStep`);
  }
  if (!synthCommands && (source || deployCommands)) {
    const given = source ? 'source' : 'deployCommands';
    throw new Error(`'${name}': it has ${given} and no synthCommands, so there is nothing to build: a project takes the cloud assembly of a pipeline, or synthesizes it; give it synthCommands such as ['npm ci', 'npx cdk synth'], or leave out ${given}`);
  }
}

/** CodePipeline fills them in for actions only. */
function checkVariables(name: string, environment: { [name: string]: string }): void {
  const [unknown] = Object.entries(environment).filter(([, value]) => /#\{[^}]+\}/.test(value)).map(([variable]) => variable);
  if (unknown !== undefined) {
    throw new Error(`'${name}': the environment variable ${unknown} has a pipeline variable as its value, which CodePipeline knows in actions only; give additionalTags, scopes and env that are known at deployment`);
  }
}

function buildSpec(job: BuildJob, { synthCommands, deployCommands = [], assemblyDirectory }: CachedDockerBuildProjectProps): codebuild.BuildSpec {
  const directory = assemblyDirectory ?? (synthCommands ? 'cdk.out' : undefined);
  const runner = ['$CODEBUILD_SRC_DIR', ...directory ? [directory] : [], RUNNER_FILE].join('/');
  return codebuild.BuildSpec.fromObject({
    version: '0.2',
    phases: {
      install: { commands: job.installCommands },
      build: { commands: [...synthCommands ?? [], `node "${runner}" build ${job.plans.join(' ')}`, ...deployCommands] },
    },
  });
}
