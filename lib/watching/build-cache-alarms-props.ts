import { Duration, Size } from 'aws-cdk-lib';
import { CachedDockerBuildStep } from '../step/cached-docker-build-step';

/** Properties of BuildCacheAlarms. */
export interface BuildCacheAlarmsProps {
  /** The step to watch. It has to have metrics. */
  readonly step: CachedDockerBuildStep;

  /**
   * In how many hours of the last seven days a build must have been at fault before there is an alarm. Several builds of one hour count as one.
   *
   * With 1, each failure of the network is an alarm. A step that builds less often than that in a week has no alarm at all, and needs a smaller number.
   *
   * @default 3
   */
  readonly faultyHours?: number;

  /**
   * What builds may take that build something: more than a build without any cache takes, since that is how long a change of dependencies may last.
   *
   * @default - half of the `timeout` of the step, and 30 minutes if it has none
   */
  readonly maxDuration?: Duration;

  /**
   * How much the repositories of the step may grow in seven days: the new layers of images and of their caches, before any lifecycle rule deletes old ones.
   *
   * Choose more than a week of new dependencies and new base images takes.
   *
   * @default - 25 GiB, which cost some 2.50 USD a month for as long as they are kept
   * @see https://aws.amazon.com/ecr/pricing/
   */
  readonly maxWeeklyGrowth?: Size;
}
