import * as fs from 'fs';
import * as path from 'path';
import { App, attachCustomSynthesis, Names } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** Everything about a build that changes with the image. The pipeline's template knows only where it lies. */
export interface BuildPlan {
  /** Undefined when the pipeline says it, for a source. */
  readonly tag?: string;
  /** The folder with the files, relative to the build's input. */
  readonly context: string;
  /** The path of the Dockerfile in the context. */
  readonly dockerfile: string;
  /** The Dockerfile itself; undefined when it lies in the source. */
  readonly dockerfileContent?: string;
  readonly target?: string;
  readonly platform: string;
  readonly buildArgs: { [name: string]: string };
  /** What a zip may lose, and the build restores. */
  readonly executables: string[];
  readonly emptyDirectories: string[];
  readonly links: { [path: string]: string };
}

/**
 * Writes the plan into the root of the cloud assembly, which is the input of the build, and returns its name there.
 * The name depends on the path of the construct only, so that a changed image leaves the pipeline's template as it is.
 */
export function writeBuildPlan(scope: Construct, plan: BuildPlan): string {
  const fileName = `image-${Names.uniqueId(scope)}.json`;
  attachCustomSynthesis(scope, {
    onSynthesize: () => fs.writeFileSync(path.join((scope.node.root as App).outdir, fileName), `${JSON.stringify(plan, undefined, 2)}\n`),
  });
  return fileName;
}
