// An app that a shell script delivers: in Jenkins, in GitLab, on a laptop, wherever there are Node.js, Docker and credentials.
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CachedDockerImage, DockerContext } from 'cdk-cached-docker-build';

const env = { account: '111111111111', region: 'eu-west-1' };

const app = new App();
const images = new Stack(app, 'Images', { env });
const api = new CachedDockerImage(images, 'ApiImage', { context: DockerContext.directory(path.join(__dirname, 'api')), builtElsewhere: true });

const service = new Stack(app, 'Service', { env });
new lambda.DockerImageFunction(service, 'Api', { code: api.lambdaCode(service) });
app.synth();
