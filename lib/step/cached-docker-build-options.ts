import { Duration } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { DockerBuilder } from '../builder/docker-builder';
import { LayerCache } from '../cache/layer-cache';
import { CachedDockerImage } from '../image/cached-docker-image';
import { RegistryLogin } from '../registry/registry-login';

/** What builds of images have in common, wherever CodeBuild runs them: as a step of CDK Pipelines, or in a project of its own. */
export interface CachedDockerBuildOptions {
  /**
   * The images to build, for one platform. All are built on one machine, at the same time where the builder can do that; those that share a base image or
   * a stage get it once. An image that cannot be built fails the build, but not the other images.
   */
  readonly images: CachedDockerImage[];

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
   * More tags for each image, also when it was there already: fixed ones such as `latest`, or in a step pipeline variables
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
   * @default - a CodeBuild image with ARM processors for an image for linux/arm64 that is built on the build machine, else in a step that of the pipeline's `codeBuildDefaults`, else
   * LinuxBuildImage.STANDARD_7_0
   */
  readonly buildImage?: codebuild.IBuildImage;

  /**
   * The size of the machine.
   *
   * @default - in a step that of the pipeline's `codeBuildDefaults`, else ComputeType.SMALL
   */
  readonly computeType?: codebuild.ComputeType;

  /**
   * Machines of your own reservation to build on, for images of their platform. A machine is kept for the next build; the build leaves nothing on it but what the
   * engine of its build image keeps. Pipelines hand it on since aws-cdk-lib 2.233.0; with an older one, the synthesis of a step fails.
   *
   * @default - a machine on demand
   * @see https://docs.aws.amazon.com/codebuild/latest/userguide/fleets.html
   */
  readonly fleet?: codebuild.IFleet;

  /**
   * After how long a build is given up.
   *
   * @default - in a step that of the pipeline's `codeBuildDefaults`, else one hour
   */
  readonly timeout?: Duration;

  /**
   * The VPC to build in. It needs a way to Amazon ECR and Amazon S3, and to the registries of the base images.
   *
   * @default - in a step that of the pipeline's `codeBuildDefaults`, else none
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Which subnets of the VPC to build in.
   *
   * @default - all private subnets
   */
  readonly subnetSelection?: ec2.SubnetSelection;

  /**
   * The security groups of the build, in a step in addition to those of the pipeline's `codeBuildDefaults`.
   *
   * @default - a new one, if there is a VPC
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Where the logs of the build go.
   *
   * @default - a log group of CodeBuild that never deletes them
   */
  readonly logging?: codebuild.LoggingOptions;

  /**
   * The role of the build. It is given the permissions that the build needs, if it can be changed.
   *
   * @default - a new role
   */
  readonly role?: iam.IRole;

  /**
   * More environment variables for the build, such as `BUILDX_BUILDER`. In a step they can be pipeline variables; AWS CodePipeline takes 1000 characters for all that
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
