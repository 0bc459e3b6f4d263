import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { BuildCacheDashboardProps } from './build-cache-dashboard-props';
import { CachedDockerBuildStep } from '../step/cached-docker-build-step';

/** Of the 24 columns of a dashboard. */
const HALF = 12;

const PERCENT: cloudwatch.YAxisProps = { min: 0, max: 100, label: 'percent', showUnits: false };
const SECONDS: cloudwatch.YAxisProps = { min: 0, label: 'seconds', showUnits: false };
const BYTES: cloudwatch.YAxisProps = { min: 0, label: 'bytes', showUnits: false };
const COUNT: cloudwatch.YAxisProps = { min: 0, showUnits: false };

/**
 * What builds and their caches did, for a wall: how much came from the cache, how long builds took, how many images were built and how many were there already,
 * what was downloaded and what is new in the registry, and what went wrong with a cache. A step with `BuildMetrics.STEP_AND_IMAGES` has two more graphs, with a line for each of its images.
 *
 * It is a dashboard like any other: `addWidgets` puts more below.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
 */
export class BuildCacheDashboard extends cloudwatch.Dashboard {
  /**
   * Raises an error when there are no steps, and when a step has no metrics.
   */
  constructor(scope: Construct, id: string, props: BuildCacheDashboardProps) {
    const { steps } = props;
    if (steps.length === 0) {
      throw new Error(`'${id}': steps is empty; give the dashboard each CachedDockerBuildStep that it shows`);
    }
    super(scope, id, {
      dashboardName: props.dashboardName,
      defaultInterval: props.defaultInterval ?? Duration.days(28),
      widgets: [
        totals(steps),
        [
          graph('Steps from the layer cache', PERCENT, steps.map((step) => step.metricCacheHitRatio({ label: step.id, period: Duration.hours(1) }))),
          graph('Time of a build that built something', SECONDS, steps.map((step) => step.metricDuration({ label: step.id, period: Duration.hours(1) }))),
        ],
        [
          graph('Images a day', COUNT, steps.flatMap((step) => [
            step.metricImagesBuilt({ label: `${step.id}, built`, period: Duration.days(1) }), step.metricImagesSkipped({ label: `${step.id}, there already`, period: Duration.days(1) }),
          ])),
          graph('Errors of the layer cache a day', COUNT, steps.map((step) => step.metricCacheErrors({ label: step.id, period: Duration.days(1) }))),
        ],
        [
          graph('Bytes of layers downloaded a day', BYTES, steps.map((step) => step.metricBytesPulled({ label: step.id, period: Duration.days(1) }))),
          graph('Bytes of new layers a day', BYTES, steps.map((step) => step.metricBytesPushed({ label: step.id, period: Duration.days(1) }))),
        ],
        ...steps.flatMap(ofImages),
      ],
    });
  }
}

/** Over the whole time that is shown. */
function totals(steps: readonly CachedDockerBuildStep[]): cloudwatch.IWidget[] {
  const total = (title: string, metrics: cloudwatch.IMetric[], width: number) =>
    new cloudwatch.SingleValueWidget({ title, metrics, width, height: 4, setPeriodToTimeRange: true });
  return [
    total('Steps from the layer cache, %', steps.map((step) => step.metricCacheHitRatio({ label: step.id })), 5),
    total('Median time of a build, s', steps.map((step) => step.metricDuration({ label: step.id, statistic: cloudwatch.Stats.p(50) })), 5),
    total('Images built', steps.map((step) => step.metricImagesBuilt({ label: step.id })), 5),
    total('Images that were there already', steps.map((step) => step.metricImagesSkipped({ label: step.id })), 5),
    total('Errors of the layer cache', steps.map((step) => step.metricCacheErrors({ label: step.id })), 4),
  ];
}

function ofImages(step: CachedDockerBuildStep): cloudwatch.IWidget[][] {
  const images = step._imageMetrics;
  return images.length === 0 ? [] : [[
    graph(`${step.id}: steps from the layer cache, by image`, PERCENT, images.map(([label, image]) => image.metricCacheHitRatio({ label, period: Duration.hours(1) }))),
    graph(`${step.id}: time of a build, by image`, SECONDS, images.map(([label, image]) => image.metricDuration({ label, period: Duration.hours(1) }))),
  ]];
}

function graph(title: string, leftYAxis: cloudwatch.YAxisProps, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, leftYAxis, width: HALF, height: 7 });
}
