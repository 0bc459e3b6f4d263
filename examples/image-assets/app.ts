// An app with an image asset, as it has always been. The cache is one construct and one line of the pipeline.
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { DockerAssetCache } from 'cdk-cached-docker-build';
import { Construct } from 'constructs';

class ServiceStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new lambda.DockerImageFunction(this, 'Api', { code: lambda.DockerImageCode.fromImageAsset(path.join(__dirname, 'api')) });
  }
}

class ServiceStage extends Stage {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new ServiceStack(this, 'Service');
  }
}

class PipelineStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const assets = new DockerAssetCache(this, 'AssetCache');
    const pipeline = new pipelines.CodePipeline(this, 'Pipeline', {
      synth: new pipelines.ShellStep('Synth', {
        input: pipelines.CodePipelineSource.connection('example/app', 'main', {
          connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
        }),
        commands: ['npm ci', 'npx cdk synth'],
      }),
      assetPublishingCodeBuildDefaults: assets.codeBuildOptions(),
    });
    pipeline.addStage(new ServiceStage(this, 'Prod'));
  }
}

const app = new App();
new PipelineStack(app, 'ImageAssets');
new ServiceStack(app, 'Dev'); // deployed by hand
app.synth();
