/** What a function runs of its image. */
export interface LambdaCodeOptions {
  /**
   * The command, instead of the image's `CMD`.
   *
   * @default - as in the Dockerfile
   */
  readonly cmd?: string[];

  /**
   * The program, instead of the image's `ENTRYPOINT`.
   *
   * @default - as in the Dockerfile
   */
  readonly entrypoint?: string[];

  /**
   * The folder to start in, instead of the image's `WORKDIR`.
   *
   * @default - as in the Dockerfile
   */
  readonly workingDirectory?: string;
}
