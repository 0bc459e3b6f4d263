import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { TempContext } from '../testhelpers/temp-context';
import { OTHER_ENV, PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const TWO_STAGES = { Dockerfile: 'FROM busybox AS build\nRUN make\nFROM scratch\nCOPY --from=build /app /app\n' };
const ACTIONS = [
  'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:GetAuthorizationToken', 'ecr:GetDownloadUrlForLayer', 'ecr:InitiateLayerUpload',
  'ecr:PutImage', 'ecr:UploadLayerPart',
];

let setup: TestPipeline;

beforeEach(() => { setup = new TestPipeline({ env: PIPELINE_ENV }); });

/** A role that a workflow has. */
const role = () => new iam.Role(setup.stack, 'Workflow', { assumedBy: new iam.WebIdentityPrincipal('arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com') });

function statements(): { Action: string | string[]; Resource: unknown }[] {
  return Object.values(setup.template.findResources('AWS::IAM::Policy')).filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('Workflow'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

test('an image that is built elsewhere can be used without a step', () => {
  const image = setup.image('Image', { builtElsewhere: true });
  image.imageUri(new Stack(setup.app, 'Service', { env: PIPELINE_ENV }));
  expect(() => setup.app.synth()).not.toThrow();
  expect(setup.warnings()).toEqual([]);
});

test('an image that is built elsewhere and by a step as well has to be built by it in time', () => {
  const image = setup.image('Image', { builtElsewhere: true });
  const step = setup.step({ images: [image] });
  setup.pipeline.addStage(setup.functionStage('Prod', image), { post: [step] });
  expect(() => setup.app.synth()).toThrow("may be deployed before the step 'BuildImage' has built it");
});

test('who may build the image may use its repository, and no other', () => {
  const image = setup.image('Image', { builtElsewhere: true });
  image.grantBuild(role()).assertSuccess();
  expect(statements().flatMap(({ Action }) => Action).sort()).toEqual(ACTIONS);
  expect(statements().filter(({ Resource }) => Resource !== '*').map(({ Resource }) => Resource)).toEqual([setup.stack.resolve(image.repository.repositoryArn)]);
});

test('the permission to build does not say that the image is built', () => {
  const image = setup.image();
  image.grantBuild(role());
  image.imageUri(new Stack(setup.app, 'Service', { env: PIPELINE_ENV }));
  expect(() => setup.app.synth()).toThrow('but no step builds it');
});

test('layers that another account may not see have a repository of their own, which the builder may use as well', () => {
  const image = setup.image('Image', { builtElsewhere: true, context: new TempContext(TWO_STAGES).context });
  image.grantBuild(role());
  image.imageUri(new Stack(setup.app, 'Service', { env: OTHER_ENV }));
  expect(new Set(statements().map(({ Resource }) => JSON.stringify(Resource))).size).toBe(3);
  Template.fromStack(setup.stack).resourceCountIs('AWS::ECR::Repository', 2);
  setup.app.synth();
  expect(JSON.parse(setup.read(image._planFile)).cacheRepository).toContain('stagelayers');
});
