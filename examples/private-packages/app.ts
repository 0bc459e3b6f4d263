// Two images that install packages from private registries, with secrets that stay out of image, cache and log.
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { BuildSecret, CachedDockerBuildStep, CachedDockerImage, DockerContext } from 'cdk-cached-docker-build';
import { Construct } from 'constructs';

class PipelineStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const pipeline = new pipelines.CodePipeline(this, 'Pipeline', {
      synth: new pipelines.ShellStep('Synth', {
        input: pipelines.CodePipelineSource.connection('example/app', 'main', {
          connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
        }),
        commands: ['npm ci', 'npx cdk synth'],
      }),
    });

    const npm = Secret.fromSecretNameV2(this, 'Npm', 'packages/npm'); // {"token": "..."}
    const web = new CachedDockerImage(this, 'WebImage', {
      context: DockerContext.directory(path.join(__dirname, 'web')),
      buildSecrets: { npm_token: BuildSecret.secretsManager(npm, 'token') },
    });

    const pip = Secret.fromSecretNameV2(this, 'Pip', 'packages/pip'); // the text of a pip.conf
    const report = new CachedDockerImage(this, 'ReportImage', {
      context: DockerContext.directory(path.join(__dirname, 'report')),
      buildSecrets: { pip_conf: BuildSecret.secretsManager(pip) },
    });

    const build = new CachedDockerBuildStep('BuildImages', { images: [web, report], pipeline });
    pipeline.addStage(new FunctionsStage(this, 'Prod', [web, report]), { pre: [build] });
  }
}

class FunctionsStage extends Stage {
  constructor(scope: Construct, id: string, images: CachedDockerImage[]) {
    super(scope, id);
    const stack = new Stack(this, 'Functions');
    for (const image of images) {
      new lambda.DockerImageFunction(stack, image.node.id, { code: image.lambdaCode(stack) });
    }
  }
}

const app = new App();
new PipelineStack(app, 'PrivatePackages');
app.synth();
