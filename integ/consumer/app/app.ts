import * as path from 'path';
import { App, Stack, StackProps, Stage, StageProps } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerImage, DockerContext } from 'cdk-cached-docker-build';
import { Construct } from 'constructs';

interface ApiProps {
  readonly image: CachedDockerImage;
}

class ApiStack extends Stack {
  constructor(scope: Construct, id: string, props: ApiProps & StackProps) {
    super(scope, id, props);
    new lambda.DockerImageFunction(this, 'Handler', { code: props.image.lambdaCode(this) });
  }
}

class ApiStage extends Stage {
  constructor(scope: Construct, id: string, props: ApiProps & StageProps) {
    super(scope, id, props);
    new ApiStack(this, 'Api', props);
  }
}

class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const pipeline = new pipelines.CodePipeline(this, 'Pipeline', {
      synth: new pipelines.ShellStep('Synth', {
        input: pipelines.CodePipelineSource.connection('example/app', 'main', {
          connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
        }),
        commands: ['npm ci', 'npx cdk synth'],
      }),
    });

    const image = new CachedDockerImage(this, 'ApiImage', {
      context: DockerContext.directory(path.join(__dirname, '../api')),
    });

    pipeline.addWave('Deploy', {
      pre: [new CachedDockerBuildStep('BuildImages', { images: [image], pipeline })],
    }).addStage(new ApiStage(this, 'Prod', { image }));
  }
}

const app = new App({ outdir: 'cdk.out' });
new PipelineStack(app, 'PipelineStack');
app.synth();
