// A repository with several services and what they share: one context, one step, an image for each service.
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

    const context = DockerContext.directory(__dirname);
    const images = ['api', 'worker'].map((service) => new CachedDockerImage(this, `${service}Image`, {
      context,
      dockerfile: path.posix.join('services', service, 'Dockerfile'),
    }));
    const build = new CachedDockerBuildStep('BuildImages', { images, pipeline });
    pipeline.addStage(new ServicesStage(this, 'Prod', images), { pre: [build] });
  }
}

class ServicesStage extends Stage {
  constructor(scope: Construct, id: string, images: CachedDockerImage[]) {
    super(scope, id);
    const stack = new Stack(this, 'Services');
    for (const image of images) {
      new lambda.DockerImageFunction(stack, image.node.id, { code: image.lambdaCode(stack) });
    }
  }
}

const app = new App();
new PipelineStack(app, 'Monorepo');
app.synth();
