// One image, built once in the account of the pipeline, and deployed to two other accounts.
import * as path from 'path';
import { App, Stack, StackProps, Stage, StageProps } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerImage, DockerContext } from 'cdk-cached-docker-build';
import { Construct } from 'constructs';

const region = 'eu-west-1';
const TOOLING = { account: '111111111111', region };
const STAGING = { account: '222222222222', region };
const PRODUCTION = { account: '333333333333', region };

class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const pipeline = new pipelines.CodePipeline(this, 'Pipeline', {
      crossAccountKeys: true,
      synth: new pipelines.ShellStep('Synth', {
        input: pipelines.CodePipelineSource.connection('example/app', 'main', {
          connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
        }),
        commands: ['npm ci', 'npx cdk synth'],
      }),
    });

    const api = new CachedDockerImage(this, 'ApiImage', { context: DockerContext.directory(path.join(__dirname, 'api')) });
    const build = new CachedDockerBuildStep('BuildImage', { images: [api], pipeline });
    pipeline.addStage(new ApiStage(this, 'Staging', { api, env: STAGING }), { pre: [build] });
    pipeline.addStage(new ApiStage(this, 'Production', { api, env: PRODUCTION }), { pre: [new pipelines.ManualApprovalStep('Release')] });
  }
}

interface ApiStageProps extends StageProps {
  readonly api: CachedDockerImage;
}

class ApiStage extends Stage {
  constructor(scope: Construct, id: string, props: ApiStageProps) {
    super(scope, id, props);
    const stack = new Stack(this, 'Api');
    new lambda.DockerImageFunction(stack, 'Handler', { code: props.api.lambdaCode(stack) });
  }
}

const app = new App();
new PipelineStack(app, 'TwoAccounts', { env: TOOLING });
app.synth();
