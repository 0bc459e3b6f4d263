import { AspectPriority, Aspects, Duration } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { AccountTrust } from './account-trust';
import { buildJob, OUTPUTS } from './build-job';
import { FindingReasons } from './finding-reasons';
import { projectErrors } from './project-check';
import { warnOfLongVariables } from './warn-of-long-variables';
import { DockerBuilder } from '../builder/docker-builder';
import { LayerCache } from '../cache/layer-cache';
import { CachedDockerImage } from '../image/cached-docker-image';
import { RegistryLogin } from '../registry/registry-login';

/** Properties of a CachedDockerBuildStep. */
export interface CachedDockerBuildStepProps {
  /**
   * The images to build, for one platform. All are built on one machine, at the same time where the builder can do that; those that share a base image or
   * a stage get it once. An image that cannot be built fails the step, but not the other images.
   */
  readonly images: CachedDockerImage[];

  /** The pipeline that the step belongs to. */
  readonly pipeline: pipelines.CodePipeline;

  /**
   * What keeps the layers between builds.
   *
   * @default LayerCache.registry()
   */
  readonly layerCache?: LayerCache;

  /**
   * What runs the build.
   *
   * @default DockerBuilder.buildkit()
   */
  readonly builder?: DockerBuilder;

  /**
   * How many images are built at the same time at most. kaniko always builds one after the other.
   *
   * @default 4
   */
  readonly maxConcurrentBuilds?: number;

  /**
   * More tags for each image, also when it was there already: fixed ones such as `latest`, or pipeline variables
   * such as `source.sourceAttribute('CommitId')`. A fixed tag has to be `latest` or one of the repository's `mutableTags`.
   *
   * @default - none
   */
  readonly additionalTags?: string[];

  /**
   * Logins for private base images. Those for mirrors come with the mirrors.
   *
   * @default - base images that everybody may pull, and those of the registries of the image and its cache
   */
  readonly registryLogins?: RegistryLogin[];

  /**
   * The image that the build runs in. It needs Node.js 18 or later, the AWS CLI or Amazon ECR's credential helper, and Docker with buildx,
   * as current images of CodeBuild have them.
   *
   * @default - a CodeBuild image with ARM processors for an image for linux/arm64 that is built on the build machine, else that of the pipeline's `codeBuildDefaults`, else
   * CodeBuild's standard image
   */
  readonly buildImage?: codebuild.IBuildImage;

  /**
   * The size of the machine.
   *
   * @default - that of the pipeline's `codeBuildDefaults`, else ComputeType.SMALL
   */
  readonly computeType?: codebuild.ComputeType;

  /**
   * Machines of your own reservation to build on, for images of their platform. A machine is kept for the next build; the build leaves nothing on it but what the
   * engine of its build image keeps. Needs aws-cdk-lib 2.233.0 or later; with an older one, the synthesis fails.
   *
   * @default - a machine on demand
   * @see https://docs.aws.amazon.com/codebuild/latest/userguide/fleets.html
   */
  readonly fleet?: codebuild.IFleet;

  /**
   * After how long a build is given up.
   *
   * @default - that of the pipeline's `codeBuildDefaults`, else one hour
   */
  readonly timeout?: Duration;

  /**
   * The VPC to build in. It needs a way to Amazon ECR and Amazon S3, and to the registries of the base images.
   *
   * @default - that of the pipeline's `codeBuildDefaults`, else none
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Which subnets of the VPC to build in.
   *
   * @default - all private subnets
   */
  readonly subnetSelection?: ec2.SubnetSelection;

  /**
   * The security groups of the build, in addition to those of the pipeline's `codeBuildDefaults`.
   *
   * @default - a new one, if there is a VPC
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Where the logs of the build go.
   *
   * @default - a log group of CodeBuild that keeps them for ever
   */
  readonly logging?: codebuild.LoggingOptions;

  /**
   * The role of the build. It is given the permissions that the build needs, if it can be changed.
   *
   * @default - a new role
   */
  readonly role?: iam.IRole;

  /**
   * More environment variables for the build, such as `BUILDX_BUILDER`. They can be pipeline variables; AWS CodePipeline takes 1000 characters for all that
   * hold one, with their names. They do not reach the Dockerfile.
   *
   * @default - none
   */
  readonly env?: { [name: string]: string };

  /**
   * The name of the CodeBuild project.
   *
   * @default - made by CloudFormation
   */
  readonly projectName?: string;
}

/**
 * The build of images as a step of a pipeline, before (`pre`) the wave or stage that deploys them.
 *
 * It defines one CodeBuild project that may pull from and push to the repositories of the images. An image whose tag is in its repository
 * is not built; the others are built with the layers of earlier builds and pushed.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/cdk_pipeline.html
 */
export class CachedDockerBuildStep extends pipelines.CodeBuildStep {
  private readonly images: CachedDockerImage[];
  /** The pipeline variables that were asked for, by the names of their environment variables. */
  private readonly exported = new Map<string, string>();

  /**
   * Raises an error when there are no images, when two have different platforms or an image or the pipeline is missing or they are in different stages, when the
   * cache does not go with the builder, when another image has the same tag or cache in the repository, when a fixed additional tag could not be set a second time,
   * when a registry has two logins, and when the secret of a login is in another account or region and given without its complete ARN. The synthesis fails when
   * the pipeline's defaults give a Docker server to a builder that makes no use of it, and when `LayerCache.codeBuildLocal()` is used in a VPC or on a machine of
   * ComputeType.X2_LARGE.
   */
  constructor(id: string, props: CachedDockerBuildStepProps) {
    const job = buildJob(id, props);

    super(id, {
      input: job.input,
      additionalInputs: job.additionalInputs,
      installCommands: job.installCommands,
      commands: job.buildCommands,
      env: job.environment,
      buildEnvironment: job.buildEnvironment,
      rolePolicyStatements: job.statements,
      timeout: props.timeout,
      vpc: props.vpc,
      subnetSelection: props.subnetSelection,
      securityGroups: props.securityGroups,
      logging: props.logging,
      role: props.role,
      cache: job.projectCache,
      projectName: props.projectName,
    });

    this.images = [...props.images];
    const builder = props.builder ?? DockerBuilder.buildkit();
    props.images.forEach((image) => image._builds.add(this, props.pipeline));
    Aspects.of(props.pipeline).add(new AccountTrust(this, props.pipeline));
    const reasons = new FindingReasons(this, props.pipeline, job.statements, builder._bound.buildImage !== undefined);
    // cdk-nag 2 looks among the aspects, so this comes before.
    [props.pipeline, ...props.role ? [props.role] : []].forEach((scope) => Aspects.of(scope).add(reasons, { priority: AspectPriority.MUTATING }));
    props.images[0].node.addValidation({
      validate: () => {
        warnOfLongVariables(this, props.pipeline);
        return projectErrors(this, builder);
      },
    });
  }

  /**
   * The digest of an image, `sha256:...`, as a pipeline variable for the environment of later steps.
   *
   * Raises an error when the step does not build the image, and when the pipeline was built already.
   */
  public imageDigest(image: CachedDockerImage): string {
    return this.output(image, 'digest', 'IMAGE_DIGEST');
  }

  /**
   * The address of an image with its digest instead of its tag, as a pipeline variable for the environment of later steps.
   *
   * Raises an error when the step does not build the image, and when the pipeline was built already.
   */
  public imageUriWithDigest(image: CachedDockerImage): string {
    return this.output(image, 'uri', 'IMAGE_URI');
  }

  /** What the runner has left in a file, read as a value and never as a command. */
  private output(image: CachedDockerImage, extension: string, prefix: string): string {
    const index = this.images.indexOf(image);
    if (index < 0) {
      throw new Error(`'${this.id}': the step does not build '${image.node.path}'; give it that image, or ask the step that builds it`);
    }
    const variable = `${prefix}_${index}`;
    let value = this.exported.get(variable);
    if (value === undefined) {
      value = this.exportedVariable(variable);
      this.commands.push(`export ${variable}="$(cat "${OUTPUTS}/${image._planFile}.${extension}")"`);
      this.exported.set(variable, value);
    }
    return value;
  }
}
