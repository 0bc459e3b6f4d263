import { Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { IConstruct } from 'constructs';
import { CachedDockerImage } from '../image/cached-docker-image';
import { BuildMetrics } from '../metrics/build-metrics';
import { metricDimensions, MetricSettings } from '../plan/metric-settings';

/** Undefined for no metrics. Raises an error when two images would have the same, and when the log that they are made of is not in Amazon CloudWatch. */
export function metricSettings(
  id: string, pipeline: IConstruct, images: readonly CachedDockerImage[], given?: BuildMetrics, logging?: codebuild.LoggingOptions,
): MetricSettings | undefined {
  const isLogged = logging?.cloudWatch?.enabled !== false;
  const metrics = given ?? (isLogged ? BuildMetrics.STEP : BuildMetrics.NONE);
  if (metrics === BuildMetrics.NONE) {
    return undefined;
  }
  if (!isLogged) {
    throw new Error(`'${id}': Amazon CloudWatch makes metrics of the log, which the logging of the step keeps away from it; enable logging.cloudWatch, or leave out metrics`);
  }
  const stack = Stack.of(pipeline);
  const settings = { pipeline: `${stack.stackName}/${pipeline.node.path.slice(stack.node.path.length + 1)}`, step: id };
  if (metrics === BuildMetrics.STEP) {
    return settings;
  }
  checkNames(id, settings, images);
  return { ...settings, ofImages: true };
}

/** Images of several stacks may have the same path in theirs. */
function checkNames(id: string, settings: MetricSettings, images: readonly CachedDockerImage[]): void {
  const names = images.map(({ _name }) => metricDimensions(settings, _name).Image);
  const second = images.find((_, index) => names.indexOf(names[index]) !== index);
  if (second) {
    const first = images[names.indexOf(metricDimensions(settings, second._name).Image)];
    throw new Error(`'${id}': the metrics of '${first.node.path}' and '${second.node.path}' would be the same, as those of images with the same path in two stacks are;`
      + ' give one of them another id, or the step metrics: BuildMetrics.STEP');
  }
}
