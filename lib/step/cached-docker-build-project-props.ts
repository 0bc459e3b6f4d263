import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { CachedDockerBuildOptions } from './cached-docker-build-options';

/** Properties of a CachedDockerBuildProject. */
export interface CachedDockerBuildProjectProps extends CachedDockerBuildOptions {
  /**
   * Where the files come from, and what starts a build: `codebuild.Source.gitHub({ owner, repo, webhook: true })`. It needs `synthCommands`.
   *
   * @default - the input of an action in a pipeline: `new CodeBuildAction({ project: build.project, input })`
   */
  readonly source?: codebuild.ISource;

  /**
   * Commands that synthesize the app in the files of the input, before the images are built, such as `npm ci` and `npx cdk synth`.
   *
   * @default - the input is the cloud assembly
   */
  readonly synthCommands?: string[];

  /**
   * Commands that deploy what was synthesized, such as `npx cdk deploy --app cdk.out --all --require-approval never`. They run when all images are in their repositories, and not when
   * one is missing. The permissions for them are not given; grant them to the project.
   *
   * @default - none
   */
  readonly deployCommands?: string[];

  /**
   * The folder of the cloud assembly, relative to the input.
   *
   * @default - `cdk.out` with `synthCommands`, else the input itself
   */
  readonly assemblyDirectory?: string;
}
