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
   * Whether a build goes on with the registries themselves when mirrors fail: one that does not answer is not used, and a build that fails is tried once
   * more without mirrors. It says so, with a warning and in its report. Else a mirror that fails ends the build.
   *
   * @default true
   */
  readonly fallbackToUpstream?: boolean;
}
