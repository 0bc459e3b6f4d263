// A Lambda function in TypeScript, in an image that its pipeline builds.
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
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

    const api = new CachedDockerImage(this, 'ApiImage', { context: DockerContext.directory(path.join(__dirname, 'api')) });
    const build = new CachedDockerBuildStep('BuildImage', { images: [api], pipeline });
    pipeline.addStage(new ApiStage(this, 'Prod', api), { pre: [build] });
  }
}

class ApiStage extends Stage {
  constructor(scope: Construct, id: string, api: CachedDockerImage) {
    super(scope, id);
    const stack = new Stack(this, 'Api');
    new lambda.DockerImageFunction(stack, 'Handler', { code: api.lambdaCode(stack) });
  }
}

const app = new App();
new PipelineStack(app, 'LambdaNode');
app.synth();
