/**
 * Which metrics Amazon CloudWatch makes of the builds of a step. Each combination of metric and dimensions is charged as a custom metric, by the month.
 *
 * @see https://aws.amazon.com/cloudwatch/pricing/
 */
export enum BuildMetrics {
  /** None. */
  NONE = 'none',

  /** Those of the step as a whole: seven metrics, however many images it has. */
  STEP = 'step',

  /** Those of the step, and seven more for each image. */
  STEP_AND_IMAGES = 'step-and-images',
}
