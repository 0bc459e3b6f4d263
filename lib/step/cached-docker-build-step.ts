import { AspectPriority, Aspects } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { AccountTrust } from './account-trust';
import { buildJob } from './build-job';
import { CachedDockerBuildOptions } from './cached-docker-build-options';
import { checkPipelineSources } from './check-images';
import { FindingReasons } from './finding-reasons';
import { projectErrors, projectOf } from './project-check';
import { warnOfLongVariables } from './warn-of-long-variables';
import { DockerBuilder } from '../builder/docker-builder';
import { SOURCE_FOLDER } from '../context/bound-context';
import { CachedDockerImage } from '../image/cached-docker-image';
import { RUNNER_FILE } from '../image/copy-runner';
import { stepsOf } from '../image/pipeline-order';
import { BuildMetrics } from '../metrics/build-metrics';
import { ImageMetrics } from '../metrics/image-metrics';
import { MetricSource } from '../metrics/metric-source';
import { MetricName, MetricSettings } from '../plan/metric-settings';

/** Properties of a CachedDockerBuildStep. */
export interface CachedDockerBuildStepProps extends CachedDockerBuildOptions {
  /** The pipeline that the step belongs to. */
  readonly pipeline: pipelines.CodePipeline;

  /**
   * Whether the console of CodeBuild shows the report of a build as test results: a suite for each image, and a case for each step of its Dockerfile, which is
   * skipped when it came from the cache.
   *
   * With its first build, CodeBuild makes the report group `<name of the project>-images`, and keeps each report for 30 days. The group stays when the stack
   * is deleted.
   *
   * @default false
   * @see https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html
   */
  readonly testReport?: boolean;

  /**
   * Which metrics Amazon CloudWatch makes of the log of a build. The build needs no permission for it, but a log in Amazon CloudWatch. Each custom metric is charged
   * by the month.
   *
   * @default - BuildMetrics.STEP, or BuildMetrics.NONE with a `logging` that is not in Amazon CloudWatch
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
   */
  readonly metrics?: BuildMetrics;
}

/** The folder in which the runner leaves the digests of images, for later steps, and its reports. */
const OUTPUTS_FOLDER = 'image-outputs';
const OUTPUTS = `$CODEBUILD_SRC_DIR/${OUTPUTS_FOLDER}`;

/** The role of a project may write to all report groups whose name begins with that of the project, as this one's does. */
const TEST_REPORT = codebuild.BuildSpec.fromObject({
  version: '0.2',
  reports: { images: { 'files': ['report.xml'], 'base-directory': OUTPUTS_FOLDER, 'file-format': 'JUNITXML' } },
});

/**
 * The build of images as a step of a pipeline, before (`pre`) the wave or stage that deploys them.
 *
 * It defines one CodeBuild project that may pull from and push to the repositories of the images. An image whose tag is in its repository
 * is not built; the others are built with the layers of earlier builds and pushed.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/cdk_pipeline.html
 *
 * @example
 * const build = new CachedDockerBuildStep('BuildImages', { images: [api, report], pipeline });
 * pipeline.addWave('Deploy', { pre: [build] }).addStage(new ApiStage(this, 'Prod', { api, report }));
 */
export class CachedDockerBuildStep extends pipelines.CodeBuildStep {
  private readonly images: CachedDockerImage[];
  private readonly metrics?: { readonly settings: MetricSettings; readonly source: MetricSource };
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
    const job = buildJob(id, { ...props, scope: props.pipeline, what: 'step' });
    checkPipelineSources(id, props.images, props.pipeline);
    const source = props.images.find((image) => image._context.source)?._context.source;
    const statements = [...job.statements]; // grows until the pipeline is built
    job.onLayersMoved((more) => statements.push(...more));

    super(id, {
      input: props.pipeline.cloudAssemblyFileSet,
      additionalInputs: source && { [SOURCE_FOLDER]: source },
      installCommands: job.installCommands,
      commands: [`node "$CODEBUILD_SRC_DIR/${RUNNER_FILE}" build --outputs "${OUTPUTS}" ${job.plans.join(' ')}`],
      partialBuildSpec: props.testReport ? TEST_REPORT : undefined,
      env: job.environment,
      buildEnvironment: job.buildEnvironment,
      rolePolicyStatements: statements,
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
    this.metrics = job.metrics && { settings: job.metrics, source: new MetricSource(job.metrics, props.pipeline) };
    const builder = props.builder ?? DockerBuilder.buildkit();
    props.images.forEach((image) => image._builds.add(this, props.pipeline));
    Aspects.of(props.pipeline).add(new AccountTrust(this, props.pipeline));
    const { pipeline } = props;
    const reasons = new FindingReasons(() => {
      const project = projectOf(this);
      const artifactBucket = project && pipeline.pipeline.artifactBucket;
      return stepsOf(pipeline).has(this) ? { project, role: props.role, hasArtifacts: this.outputs.length > 0, artifactBucket } : undefined;
    }, statements, builder._bound.buildImage !== undefined);
    // cdk-nag 2 looks among the aspects, so this comes before.
    [props.pipeline, ...props.role ? [props.role] : []].forEach((scope) => Aspects.of(scope).add(reasons, { priority: AspectPriority.MUTATING }));
    props.images[0].node.addValidation({
      validate: () => {
        warnOfLongVariables(this, props.pipeline);
        return projectErrors({ id, cache: this.cache, buildEnvironment: this.buildEnvironment, project: projectOf(this) }, builder);
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

  /**
   * How many steps of the Dockerfiles a build took from the layer cache, in percent, over all images that it built. There is no value for a run that built none.
   *
   * Raises an error when the step has no metrics.
   *
   * @default - the average over 5 minutes
   */
  public metricCacheHitRatio(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CacheHitRatio', options);
  }

  /**
   * How long a build took, in seconds: without the start of its machine, and with all else. There is no value for a run that built no image.
   *
   * Raises an error when the step has no metrics.
   *
   * @default - the average over 5 minutes
   */
  public metricDuration(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Duration', options);
  }

  /**
   * How many bytes of layers a build downloaded, of base images and of the layer cache. There is no value where the builder does not tell it.
   *
   * Raises an error when the step has no metrics.
   *
   * @default - the sum over 5 minutes
   */
  public metricBytesPulled(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('BytesPulled', options);
  }

  /**
   * How many bytes of layers were new: what the images and their layer caches have, and had not after the build before. There is no value where the layer
   * cache has no place for what is known of that build.
   *
   * Raises an error when the step has no metrics.
   *
   * @default - the sum over 5 minutes
   */
  public metricBytesPushed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('BytesPushed', options);
  }

  /**
   * How many images were built.
   *
   * Raises an error when the step has no metrics.
   *
   * @default - the sum over 5 minutes
   */
  public metricImagesBuilt(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesBuilt', options);
  }

  /**
   * How many images were not built, since their tags were in their repositories already.
   *
   * Raises an error when the step has no metrics.
   *
   * @default - the sum over 5 minutes
   */
  public metricImagesSkipped(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesSkipped', options);
  }

  /**
   * How often the layer cache of an image could not be read, could not be written, or was gone. That there is none yet is no error.
   *
   * Raises an error when the step has no metrics.
   *
   * @default - the sum over 5 minutes
   */
  public metricCacheErrors(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CacheErrors', options);
  }

  /** Those that have metrics of their own, by their names. @internal */
  public get _imageMetrics(): [string, ImageMetrics][] {
    return this.metrics?.settings.ofImages ? this.images.map((image) => [image._name, this.imageMetrics(image)]) : [];
  }

  /**
   * The metrics of one image.
   *
   * Raises an error when the step does not build the image, and when it has no `BuildMetrics.STEP_AND_IMAGES`.
   */
  public imageMetrics(image: CachedDockerImage): ImageMetrics {
    this.indexOf(image);
    if (!this.metrics?.settings.ofImages) {
      throw new Error(`'${this.id}': the step has no metrics of its images; give it metrics: BuildMetrics.STEP_AND_IMAGES`);
    }
    return ImageMetrics._of(this.metrics.source.of(image._name));
  }

  private metric(name: MetricName, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.metrics) {
      throw new Error(`'${this.id}': the step has no metrics; give it metrics: BuildMetrics.STEP`);
    }
    return this.metrics.source.metric(name, options);
  }

  private indexOf(image: CachedDockerImage): number {
    const index = this.images.indexOf(image);
    if (index < 0) {
      throw new Error(`'${this.id}': the step does not build '${image.node.path}'; give it that image, or ask the step that builds it`);
    }
    return index;
  }

  /** What the runner has left in a file, read as a value and never as a command. */
  private output(image: CachedDockerImage, extension: string, prefix: string): string {
    const variable = `${prefix}_${this.indexOf(image)}`;
    let value = this.exported.get(variable);
    if (value === undefined) {
      value = this.exportedVariable(variable);
      this.commands.push(`export ${variable}="$(cat "${OUTPUTS}/${image._planFile}.${extension}")"`);
      this.exported.set(variable, value);
    }
    return value;
  }
}
