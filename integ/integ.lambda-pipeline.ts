import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App } from 'aws-cdk-lib';
import { ExamplePipeline } from './example/example-pipeline';

const app = new App();
const stack = new ExamplePipeline(app, 'LambdaPipeline', { env: { account: '111111111111', region: 'eu-west-1' } });

new IntegTest(app, 'LambdaPipelineTest', { testCases: [stack] });
