import * as fs from 'fs';
import * as path from 'path';
import { App, attachCustomSynthesis, Names } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { copyScripts } from './shell-scripts';

/** Everything about a build that changes with the image. The pipeline's template knows only where it lies. */
export interface BuildPlan {
  /** Undefined when it is not known what the synthesis ran for, and the image cannot be built. */
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
  /** See `ImageTag.contentHash`; what was built in another period is not taken from the cache. */
  readonly refreshPeriod?: number;
  /** What a zip may lose, and the build restores. */
  readonly executables: string[];
  readonly emptyDirectories: string[];
  readonly links: { [path: string]: string };
}

/**
 * Writes the plan and the scripts that read it into the root of the cloud assembly, which is the input of the build,
 * and returns the name of the plan there.
 * The name depends on the path of the construct only, so that a changed image leaves the pipeline's template as it is.
 */
export function writeBuildPlan(scope: Construct, plan: BuildPlan): string {
  const fileName = `image-${Names.uniqueId(scope)}.json`;
  attachCustomSynthesis(scope, {
    onSynthesize: () => {
      const assembly = (scope.node.root as App).outdir;
      fs.writeFileSync(path.join(assembly, fileName), `${JSON.stringify(plan, undefined, 2)}\n`);
      copyScripts(assembly);
    },
  });
  return fileName;
}
