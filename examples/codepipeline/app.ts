// A pipeline of AWS CodePipeline without CDK Pipelines: source, synthesis, images, deployment.
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as actions from 'aws-cdk-lib/aws-codepipeline-actions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CachedDockerBuildProject, CachedDockerImage, DockerContext } from 'cdk-cached-docker-build';
import { Construct } from 'constructs';

const env = { account: '111111111111', region: 'eu-west-1' };

class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, api: CachedDockerImage) {
    super(scope, id, { env });
    new lambda.DockerImageFunction(this, 'Api', { code: api.lambdaCode(this) });
  }
}

class PipelineStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { env });
    const api = new CachedDockerImage(this, 'ApiImage', { context: DockerContext.directory(path.join(__dirname, 'api')) });
    const service = new ServiceStack(scope, 'Service', api);

    const source = new codepipeline.Artifact();
    const assembly = new codepipeline.Artifact();
    const synth = new codebuild.PipelineProject(this, 'Synth', {
      environment: { buildImage: codebuild.LinuxBuildImage.STANDARD_7_0 },
      buildSpec: codebuild.BuildSpec.fromObject({
        version: '0.2',
        phases: { build: { commands: ['npm ci', 'npx cdk synth'] } },
        artifacts: { 'base-directory': 'cdk.out', 'files': '**/*' },
      }),
    });
    const build = new CachedDockerBuildProject(this, 'BuildImages', { images: [api] });

    new codepipeline.Pipeline(this, 'Pipeline', {
      stages: [
        {
          stageName: 'Source',
          actions: [new actions.CodeStarConnectionsSourceAction({
            actionName: 'Source',
            owner: 'example',
            repo: 'app',
            connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
            output: source,
          })],
        },
        { stageName: 'Synth', actions: [new actions.CodeBuildAction({ actionName: 'Synth', project: synth, input: source, outputs: [assembly] })] },
        { stageName: 'Images', actions: [new actions.CodeBuildAction({ actionName: 'BuildImages', project: build.project, input: assembly })] },
        {
          stageName: 'Deploy',
          actions: [new actions.CloudFormationCreateUpdateStackAction({
            actionName: 'Service', stackName: 'Service', templatePath: assembly.atPath(service.templateFile), adminPermissions: true,
          })],
        },
      ],
    });
  }
}

const app = new App();
new PipelineStack(app, 'CodePipeline');
app.synth();
