import { Duration } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { buildJob } from './build-job';
import { projectErrors } from './project-check';
import { DockerBuilder } from '../builder/docker-builder';
import { LayerCache } from '../cache/layer-cache';
import { CachedDockerImage } from '../image/cached-docker-image';
import { RegistryLogin } from '../registry/registry-login';

/** Properties of a CachedDockerBuildStep. */
export interface CachedDockerBuildStepProps {
  /** The image to build. */
  readonly image: CachedDockerImage;

  /** The pipeline that the step belongs to. */
  readonly pipeline: pipelines.CodePipeline;

  /**
   * What keeps the layers between builds.
   *
   * @default LayerCache.registry()
   */
  readonly cache?: LayerCache;

  /**
   * What runs the build.
   *
   * @default DockerBuilder.buildKit()
   */
  readonly builder?: DockerBuilder;

  /**
   * More tags for the image, also when it was there already: fixed ones such as `latest`, or pipeline variables
   * such as `source.sourceAttribute('CommitId')`. A fixed tag has to be one of the repository's moving tags.
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
   * The image that the build runs in. It needs bash, curl, jq, the AWS CLI and Docker with buildx, as the images of CodeBuild have them.
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
   * More environment variables for the build, such as `BUILDX_BUILDER`. They can be pipeline variables. They do not reach the Dockerfile.
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
 * The build of an image as a step of a pipeline, before (`pre`) the wave or stage that deploys it.
 *
 * It defines a CodeBuild project that may pull from and push to the repository of the image. An image whose tag is in the repository
 * is not built; else it is built with the layers of earlier builds and pushed.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/cdk_pipeline.html
 */
export class CachedDockerBuildStep extends pipelines.CodeBuildStep {
  /** The digest of the image, `sha256:...`, as a pipeline variable for the environment of later steps. */
  public readonly imageDigest: string;

  /** The address of the image with its digest, as a pipeline variable for the environment of later steps. */
  public readonly imageUri: string;

  /**
   * Raises an error when the image or the pipeline is missing or they are in different stages, when the cache does not go with the builder,
   * when another image has the same tag or cache in the repository, when a fixed additional tag would not be able to move, when a registry has two
   * logins, and when the secret of a login is in another account or region and given without its complete ARN. The synthesis fails when a Docker server
   * has security groups and no VPC, when the pipeline's defaults give one to a builder that makes no use of it, and when `LayerCache.codeBuildLocal()` is used
   * in a VPC or on a machine of ComputeType.X2_LARGE.
   */
  constructor(id: string, props: CachedDockerBuildStepProps) {
    const job = buildJob(id, props);

    super(id, {
      input: job.input,
      additionalInputs: job.additionalInputs,
      installCommands: job.installCommands,
      commands: job.buildCommands,
      env: job.environment,
      partialBuildSpec: codebuild.BuildSpec.fromObject({ version: '0.2', env: { shell: job.shell } }),
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

    const builder = props.builder ?? DockerBuilder.buildKit();
    props.image.node.addValidation({ validate: () => projectErrors(this, builder) });

    this.imageDigest = this.exportedVariable('IMAGE_DIGEST');
    this.imageUri = this.exportedVariable('IMAGE_URI');
  }
}
