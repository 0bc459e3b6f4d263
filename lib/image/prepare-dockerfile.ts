import * as fs from 'fs';
import * as path from 'path';
import { Construct } from 'constructs';
import { adviseOn } from './checks/dockerfile-advice';
import { StagedContext } from '../context/staged-context';
import { ContextView } from '../dockerfile/context-view';
import { Dockerfile } from '../dockerfile/dockerfile';
import { dockerfileHints } from '../dockerfile/dockerfile-hints';

/** What a Dockerfile is prepared for. */
export interface DockerfileOptions {
  /** Its path in the context, for messages. */
  readonly dockerfile: string;
  readonly directory: string;
  readonly target?: string;
  readonly platform: string;
  readonly buildArgs: { [name: string]: string };
  readonly linkCopies: boolean;
  /** The names of further contexts. */
  readonly contextNames: readonly string[];
}

/**
 * The Dockerfile of the context. Says on the image what will fail, and where the cache is wasted.
 * Raises an error when it has no such stage.
 */
export function prepareDockerfile(image: Construct, staged: StagedContext, options: DockerfileOptions): Dockerfile {
  const { target, buildArgs, directory } = options;
  const dockerfile = Dockerfile.parse(staged.dockerfileContent, { buildArgs });
  checkStage(image.node.path, dockerfile, 'target', target);
  const context = new ContextView(staged.files, (file) => contentOf(path.join(directory, file)));
  adviseOn(image, options.dockerfile, dockerfileHints(dockerfile, { ...options, context }));
  return dockerfile;
}

/** Empty for a directory; undefined when there is nothing. */
function contentOf(file: string): string | undefined {
  if (!fs.existsSync(file)) {
    return undefined;
  }
  return fs.statSync(file).isFile() ? fs.readFileSync(file, 'utf-8') : '';
}

/** Raises an error when a Dockerfile that is known has no stage of that name. */
export function checkStage(id: string, dockerfile: Dockerfile, property: string, stage: string | undefined): void {
  if (stage !== undefined && !dockerfile.hasStage(stage)) {
    const names = dockerfile.stageNames.join(', ');
    throw new Error(`'${id}': ${property} must be a stage of the Dockerfile, got ${JSON.stringify(stage)}; it has ${names === '' ? 'none with a name' : names}`);
  }
}
