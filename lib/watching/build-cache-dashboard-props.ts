import { Duration } from 'aws-cdk-lib';
import { CachedDockerBuildStep } from '../step/cached-docker-build-step';

/** Properties of a BuildCacheDashboard. */
export interface BuildCacheDashboardProps {
  /** The steps to show, of one pipeline or of several. Each has to have metrics. */
  readonly steps: CachedDockerBuildStep[];

  /**
   * The name of the dashboard.
   *
   * @default - made by CloudFormation
   */
  readonly dashboardName?: string;

  /**
   * How far back the dashboard looks when somebody opens it.
   *
   * @default Duration.days(28)
   */
  readonly defaultInterval?: Duration;
}
