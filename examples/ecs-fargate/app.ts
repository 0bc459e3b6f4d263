// A service on ECS Fargate behind a load balancer, in an image that its pipeline builds.
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as patterns from 'aws-cdk-lib/aws-ecs-patterns';
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

    const web = new CachedDockerImage(this, 'WebImage', { context: DockerContext.directory(path.join(__dirname, 'web')) });
    const build = new CachedDockerBuildStep('BuildImage', { images: [web], pipeline });
    pipeline.addStage(new WebStage(this, 'Prod', web), { pre: [build] });
  }
}

class WebStage extends Stage {
  constructor(scope: Construct, id: string, web: CachedDockerImage) {
    super(scope, id);
    const stack = new Stack(this, 'Web');
    new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
      taskImageOptions: { image: web.containerImage(stack), containerPort: 8080 },
      circuitBreaker: { rollback: true },
      minHealthyPercent: 100,
    });
  }
}

const app = new App();
new PipelineStack(app, 'EcsFargate');
app.synth();
