import * as fs from 'fs';
import * as path from 'path';
import { App, attachCustomSynthesis, Names } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { copyRunner } from './copy-runner';
import { ImagePlan } from '../plan/image-plan';

/**
 * Writes the plan and the runner that reads it into the root of the cloud assembly, which is the input of the build, at the end of the synthesis,
 * and returns the name of the plan there.
 * The name depends on the path of the construct only, so that a changed image leaves the pipeline's template as it is.
 */
export function writeImagePlan(scope: Construct, plan: () => ImagePlan): string {
  const fileName = `image-${Names.uniqueId(scope)}.json`;
  attachCustomSynthesis(scope, {
    onSynthesize: () => {
      const assembly = (scope.node.root as App).outdir;
      fs.writeFileSync(path.join(assembly, fileName), `${JSON.stringify(plan(), undefined, 2)}\n`);
      copyRunner(assembly);
    },
  });
  return fileName;
}
