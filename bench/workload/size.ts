/** How big everything is that a benchmark builds, in megabytes as they lie on a disk, and how hard its dependencies are to install. */
export interface Size {
  /** What the base image holds besides Python; packed it is less than half of it. */
  readonly base: number;
  /** The same for the base image of a last stage. */
  readonly slimBase: number;
  /** What the dependencies weigh; packed it is three quarters of it. */
  readonly dependencies: number;
  /** Rounds of hashing that stand for their compilation: a million are about a quarter of a second of one processor. */
  readonly hashing: number;
  /** What a build takes on the average, on two processors, in seconds: to say beforehand how long it will take. */
  readonly build: number;
}

export const sizes: { readonly [name: string]: Size } = {
  /** An image of 300 MB as a registry stores it: 174 MB of base image, 64 MB of the slim one, 134 MB of dependencies. */
  full: { base: 360, slimBase: 109, dependencies: 181, hashing: 16_000_000, build: 20 },
  /** For many images at once: 65 MB of base image as a registry stores it, so that twelve machines get it in a bearable time. */
  several: { base: 130, slimBase: 4, dependencies: 6, hashing: 100_000, build: 8 },
  /** Shows in a minute that everything works. Its times say nothing. */
  small: { base: 12, slimBase: 4, dependencies: 6, hashing: 100_000, build: 8 },
};
