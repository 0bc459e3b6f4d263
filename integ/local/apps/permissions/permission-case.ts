import { Stack } from 'aws-cdk-lib';
import { CachedDockerBuildStepProps, CachedDockerImageProps } from '../../../../lib';

/** What runs the builds of a case: a BuildKit, an engine of the build machine, one beside it, a daemon elsewhere, or kaniko. */
export type CaseMachine = 'buildkit' | 'engine' | 'server' | 'remote' | 'kaniko';

/** An option that can matter for permissions, as users write it. */
export interface PermissionCase {
  readonly name: string;
  /** @default 'buildkit' */
  readonly machine?: CaseMachine;
  /** Where names of repositories have to differ from case to case, they begin with the folder. */
  readonly step?: (stack: Stack, folder: string) => Partial<CachedDockerBuildStepProps>;
  /** A build of the same image before, with other options. @default none */
  readonly earlier?: (stack: Stack, folder: string) => Partial<CachedDockerBuildStepProps>;
  readonly image?: (stack: Stack) => Partial<CachedDockerImageProps>;
  /** The image that both stages of the Dockerfile start from. @default busybox of Docker Hub */
  readonly base?: string;
  /** Options of the `RUN` of the last stage. */
  readonly mounts?: string;
  /** Whether an upload to the bucket is broken off in the last build. @default false */
  readonly breaksOffUploads?: boolean;
  /** The account in which a stage uses the image. @default none does */
  readonly consumer?: string;
}
