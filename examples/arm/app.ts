// A Lambda function for ARM (Graviton), built on an ARM machine.
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerImage, DockerContext } from 'cdk-cached-docker-build';
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

    const api = new CachedDockerImage(this, 'ApiImage', {
      context: DockerContext.directory(path.join(__dirname, 'api')),
      platform: Platform.LINUX_ARM64,
    });
    const build = new CachedDockerBuildStep('BuildImage', { images: [api], pipeline });
    pipeline.addStage(new ApiStage(this, 'Prod', api), { pre: [build] });
  }
}

class ApiStage extends Stage {
  constructor(scope: Construct, id: string, api: CachedDockerImage) {
    super(scope, id);
    const stack = new Stack(this, 'Api');
    new lambda.DockerImageFunction(stack, 'Handler', { code: api.lambdaCode(stack), architecture: lambda.Architecture.ARM_64 });
  }
}

const app = new App();
new PipelineStack(app, 'Arm');
app.synth();
