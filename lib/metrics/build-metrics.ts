/** Which metrics the builds of a step send to Amazon CloudWatch. Each combination of metric and dimensions is charged as a custom metric, by the month. */
export enum BuildMetrics {
  /** None, and no permission to send any. */
  NONE = 'none',

  /** Those of the step as a whole: five metrics, however many images it has. */
  STEP = 'step',

  /** Those of the step, and five more for each image. */
  STEP_AND_IMAGES = 'step-and-images',
}
