import * as fs from 'fs';
import * as path from 'path';
import { App, attachCustomSynthesis, Names } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { BuildPlan } from '../plan/build-plan';
import { copyScripts } from '../plan/shell-scripts';

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
