import { Construct } from 'constructs';
import { adviseOn } from './dockerfile-advice';
import { StagedContext } from '../context/staged-context';
import { Dockerfile } from '../dockerfile/dockerfile';
import { dockerfileHints } from '../dockerfile/dockerfile-hints';

/** What a Dockerfile is prepared for. */
export interface DockerfileOptions {
  /** Its path in the context, for messages. */
  readonly dockerfile: string;
  readonly target?: string;
  readonly buildArgs: { [name: string]: string };
}

/**
 * The Dockerfile of the context. Says on the image where the cache is wasted.
 * Raises an error when it has no such stage.
 */
export function prepareDockerfile(image: Construct, staged: StagedContext, options: DockerfileOptions): Dockerfile {
  const { target, buildArgs } = options;
  const dockerfile = Dockerfile.parse(staged.dockerfileContent, { buildArgs });
  checkStage(image.node.path, dockerfile, 'target', target);
  adviseOn(image, options.dockerfile, dockerfileHints(dockerfile, { target, contextPaths: staged.files.map(({ path }) => path) }));
  return dockerfile;
}

/** Raises an error when a Dockerfile that is known has no stage of that name. */
export function checkStage(id: string, dockerfile: Dockerfile, property: string, stage: string | undefined): void {
  if (stage !== undefined && !dockerfile.hasStage(stage)) {
    const names = dockerfile.stageNames.join(', ');
    throw new Error(`'${id}': ${property} must be a stage of the Dockerfile, got ${JSON.stringify(stage)}; it has ${names === '' ? 'none with a name' : names}`);
  }
}
