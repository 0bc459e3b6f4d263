import { DefineCommand } from './session';
import { prepareAssetDocker } from '../assets/prepare-asset-docker';

export const prepareAssets: DefineCommand = (program, { log, env, program: file }, end) => {
  program.command('prepare-assets')
    .summary('print the path of the program that publishes image assets')
    .description('Prints the path of the program with which the CDK publishes image assets from the layer cache:\n\n'
      + '  CDK_DOCKER="$(node cdk.out/cached-docker-build.cjs prepare-assets)"; export CDK_DOCKER')
    .action(() => {
      log.line(prepareAssetDocker(file, env.CDK_DOCKER || 'docker'));
      end(0);
    });
};
