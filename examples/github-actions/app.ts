// A workflow of GitHub Actions that builds an image before the stage that deploys it, and image assets with the layers of their last build.
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerImage, DockerAssetCache, DockerContext } from 'cdk-cached-docker-build';
import { AwsCredentials, GitHubActionRole, GitHubActionStep, GitHubWorkflow, JobPermission } from 'cdk-pipelines-github';
import { Construct } from 'constructs';

const env = { account: '111111111111', region: 'eu-west-1' };
const roleName = 'github-workflow';
const gitHubActionRoleArn = `arn:aws:iam::${env.account}:role/${roleName}`;

/** What has to be there before the workflow runs: its role, and the repositories. */
class SetupStack extends Stack {
  public readonly api: CachedDockerImage;

  constructor(scope: Construct, id: string) {
    super(scope, id, { env });
    const { role } = new GitHubActionRole(this, 'Role', { repos: ['example/app'], roleName });
    this.api = new CachedDockerImage(this, 'ApiImage', { context: DockerContext.directory(path.join(__dirname, 'api')), builtElsewhere: true });
    this.api.grantBuild(role);
    new DockerAssetCache(this, 'AssetCache').grantPublish(role);
  }
}

class ServiceStage extends Stage {
  constructor(scope: Construct, id: string, api: CachedDockerImage) {
    super(scope, id, { env });
    const stack = new Stack(this, 'Service');
    new lambda.DockerImageFunction(stack, 'Api', { code: api.lambdaCode(stack) });
    new lambda.DockerImageFunction(stack, 'Report', { code: lambda.DockerImageCode.fromImageAsset(path.join(__dirname, 'report')) });
  }
}

const app = new App();
const { api } = new SetupStack(app, 'Setup');

const workflow = new GitHubWorkflow(app, 'Workflow', {
  workflowPath: path.join(__dirname, '.github/workflows/deploy.yml'),
  synth: new pipelines.ShellStep('Synth', { commands: ['npm ci', 'npx cdk synth'] }),
  publishAssetsAuthRegion: env.region,
  awsCreds: AwsCredentials.fromOpenIdConnect({ gitHubActionRoleArn }),
  dockerAssetJobSettings: {
    setupSteps: [{
      name: 'Use the layers of earlier builds',
      run: 'CDK_DOCKER="$(node cdk.out/cached-docker-build.cjs prepare-assets)"\necho "CDK_DOCKER=$CDK_DOCKER" >> "$GITHUB_ENV"',
    }],
  },
});

const build = new GitHubActionStep('BuildImages', {
  permissions: { contents: JobPermission.READ, idToken: JobPermission.WRITE },
  jobSteps: [
    { name: 'Download cdk.out', uses: 'actions/download-artifact@v8', with: { name: 'cdk.out', path: 'cdk.out' } },
    { name: 'Log in to AWS', uses: 'aws-actions/configure-aws-credentials@v6', with: { 'aws-region': env.region, 'role-to-assume': gitHubActionRoleArn } },
    { name: 'Build the images that are missing', run: 'node cdk.out/cached-docker-build.cjs build --all' },
  ],
});

workflow.addWave('Deploy', { pre: [build] }).addStage(new ServiceStage(app, 'Prod', api));
app.synth();
