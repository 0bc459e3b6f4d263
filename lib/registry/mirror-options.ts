import { RegistryMirror } from './registry-mirror';

/** Where a builder takes base images from. */
export interface MirrorOptions {
  /**
   * Mirrors of registries, one for each: `PullThroughCache.mirror`, or `RegistryMirror.of`.
   *
   * @default - base images come from their own registries
   */
  readonly mirrors?: RegistryMirror[];

  /**
   * Whether a build uses the registries themselves when mirrors fail: a mirror that does not answer is not used, and a build that fails is retried once
   * without mirrors. A warning and the report say so. Otherwise, a failing mirror fails the build.
   *
   * @default true
   */
  readonly fallbackToUpstream?: boolean;
}
