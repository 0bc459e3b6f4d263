/** Which layers a cache holds. */
export enum CacheMode {
  /** The layers of all steps of all stages: a change makes only the steps after it run. More is stored and uploaded. */
  MAX = 'max',

  /** The layers of the image only. What led to them, such as a compiler's stage, runs again as soon as one of its inputs changes. */
  MIN = 'min',
}
