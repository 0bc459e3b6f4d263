import { Duration, Size } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { BuildCacheAlarmsProps } from './build-cache-alarms-props';
import { CachedDockerBuildStep } from '../step/cached-docker-build-step';

/** In hours: an alarm looks back over seven days at most. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const WEEK = 168;

/**
 * Alarms for a layer cache that stopped working, for builds that became slow, and for repositories that grow.
 *
 * They look back over a week. A single failure is no alarm; `faultyHours` says how many are. A fault that was put right is forgotten within a week.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
export class BuildCacheAlarms extends Construct {
  /** That the layer cache of an image cannot be read, cannot be written, or is deleted from build to build. */
  public readonly cacheErrors: cloudwatch.Alarm;

  /** That builds take longer than `maxDuration`. A build that reaches the timeout of its step is ended before it can say so: that is a failed build of CodeBuild. */
  public readonly slowBuilds: cloudwatch.Alarm;

  /** That builds pushed more than `maxWeeklyGrowth` of new layers in seven days: a large file that is copied with the source, or steps that never come from the cache. */
  public readonly repositoryGrowth: cloudwatch.Alarm;

  /**
   * Raises an error when the step has no metrics, when `faultyHours` is not a whole number from 1 to 168, when `maxDuration` is not shorter than the timeout of the
   * step, and when `maxWeeklyGrowth` is less than a byte.
   */
  constructor(scope: Construct, id: string, props: BuildCacheAlarmsProps) {
    super(scope, id);
    const { step, faultyHours = 3 } = props;
    if (!(Number.isSafeInteger(faultyHours) && faultyHours >= 1 && faultyHours <= WEEK)) {
      throw new Error(`'${this.node.path}': faultyHours must be a whole number from 1 to ${WEEK}, known at synthesis, got ${faultyHours}; for example 3`);
    }
    const longest = longestBuild(this.node.path, step, props.maxDuration);
    const growth = weeklyGrowth(this.node.path, props.maxWeeklyGrowth);
    const common = {
      evaluationPeriods: WEEK,
      datapointsToAlarm: faultyHours,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING, // an hour without a build
    };
    const times = faultyHours === 1 ? 'an hour' : `${faultyHours} hours`;
    this.cacheErrors = step.metricCacheErrors({ period: Duration.hours(1) }).createAlarm(this, 'CacheErrors', {
      ...common,
      threshold: 1,
      alarmDescription: `The layer cache of step ${step.id} could not be read, could not be written, or was gone, in ${times} of the last seven days. The logs of its builds say why.`,
    });
    this.slowBuilds = step.metricDuration({ period: Duration.hours(1), statistic: cloudwatch.Stats.MAXIMUM }).createAlarm(this, 'SlowBuilds', {
      ...common,
      threshold: longest,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      alarmDescription: `Builds of step ${step.id} took longer than ${longest} seconds, in ${times} of the last seven days. The reports in their logs say what took the time.`,
    });
    this.repositoryGrowth = step.metricBytesPushed({ period: Duration.days(7) }).createAlarm(this, 'RepositoryGrowth', {
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING, // a week without a build
      threshold: growth,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      alarmDescription: `Builds of step ${step.id} pushed more than ${growth} bytes of new layers in seven days. The reports in their logs say which images were built, and why.`,
    });
  }

  /** What is done when one of the alarms goes off, such as `new SnsAction(topic)`. */
  public addAlarmAction(...actions: cloudwatch.IAlarmAction[]): void {
    [this.cacheErrors, this.slowBuilds, this.repositoryGrowth].forEach((alarm) => alarm.addAlarmAction(...actions));
  }
}

/** In seconds. */
function longestBuild(caller: string, { id, timeout }: CachedDockerBuildStep, given: Duration | undefined): number {
  if (given === undefined) {
    return timeout ? timeout.toSeconds() / 2 : Duration.minutes(30).toSeconds();
  }
  if (timeout && given.toSeconds() >= timeout.toSeconds()) {
    throw new Error(`'${caller}': maxDuration must be shorter than the timeout of step '${id}', after which no build says how long it took, got ${given.toHumanString()} and ${timeout.toHumanString()};`
      + ' give a shorter one, or the step a longer timeout');
  }
  return given.toSeconds();
}

/** In bytes. */
function weeklyGrowth(caller: string, given = Size.gibibytes(25)): number {
  const bytes = given.toBytes();
  if (bytes < 1) {
    throw new Error(`'${caller}': maxWeeklyGrowth must be a byte or more, got ${bytes} bytes; for example Size.gibibytes(25)`);
  }
  return bytes;
}
