// A CodeBuild project that a push starts: it synthesizes, builds the image and deploys. There is no pipeline.
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CachedDockerBuildProject, CachedDockerImage, DockerContext } from 'cdk-cached-docker-build';
import { Construct } from 'constructs';

const env = { account: '111111111111', region: 'eu-west-1' };

class DeliveryStack extends Stack {
  public readonly api: CachedDockerImage;

  constructor(scope: Construct, id: string) {
    super(scope, id, { env });
    this.api = new CachedDockerImage(this, 'ApiImage', { context: DockerContext.directory(path.join(__dirname, 'api')) });
    const { project } = new CachedDockerBuildProject(this, 'Delivery', {
      images: [this.api],
      source: codebuild.Source.gitHub({
        owner: 'example',
        repo: 'app',
        webhookFilters: [codebuild.FilterGroup.inEventOf(codebuild.EventAction.PUSH).andBranchIs('main')],
      }),
      synthCommands: ['npm ci', 'npx cdk synth'],
      deployCommands: ['npx cdk deploy --app cdk.out --require-approval never Service'],
    });
    // The roles that the bootstrap of the CDK has made for deployments.
    project.addToRolePolicy(new iam.PolicyStatement({ actions: ['sts:AssumeRole'], resources: [`arn:aws:iam::${env.account}:role/cdk-hnb659fds-*-${env.account}-${env.region}`] }));
  }
}

class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, api: CachedDockerImage) {
    super(scope, id, { env });
    new lambda.DockerImageFunction(this, 'Api', { code: api.lambdaCode(this) });
  }
}

const app = new App();
const { api } = new DeliveryStack(app, 'Delivery');
new ServiceStack(app, 'Service', api);
app.synth();
