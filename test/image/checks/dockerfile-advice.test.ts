import { Annotations, App, Stack } from 'aws-cdk-lib';
import { Annotations as Found, Match } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { DockerfileHint } from '../../../lib/dockerfile/dockerfile-hints';
import { adviseOn } from '../../../lib/image/checks/dockerfile-advice';

const warning: DockerfileHint = { id: 'broadCopyBeforeInstall', isWarning: true, message: 'one' };
const info: DockerfileHint = { id: 'cacheMount', isWarning: false, message: 'two' };

let stack: Stack;
let image: Construct;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
  image = new Construct(stack, 'Image');
});

test('hints of one kind are one annotation, with a stable id', () => {
  adviseOn(image, 'Dockerfile.prod', [warning, info, { ...info, message: 'three' }]);
  const found = Found.fromStack(stack);
  found.hasWarning('/Stack/Image', 'Dockerfile.prod: one [ack: cdk-cached-docker-build:broadCopyBeforeInstall]');
  found.hasInfo('/Stack/Image', 'Dockerfile.prod: two; three [ack: cdk-cached-docker-build:cacheMount]');
});

test.each([
  ['on the stack, before the image is defined', (show: () => void) => {
    Annotations.of(stack).acknowledgeWarning('cdk-cached-docker-build:broadCopyBeforeInstall', 'on purpose');
    Annotations.of(stack).acknowledgeInfo('cdk-cached-docker-build:cacheMount', 'on purpose');
    show();
  }],
  ['on the image, when it is defined', (show: () => void) => {
    show();
    Annotations.of(image).acknowledgeWarning('cdk-cached-docker-build:broadCopyBeforeInstall', 'on purpose');
    Annotations.of(image).acknowledgeInfo('cdk-cached-docker-build:cacheMount', 'on purpose');
  }],
])('each can be acknowledged %s', (_, acknowledge) => {
  acknowledge(() => adviseOn(image, 'Dockerfile', [warning, info]));
  expect(Found.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  expect(Found.fromStack(stack).findInfo('*', Match.anyValue())).toEqual([]);
});
