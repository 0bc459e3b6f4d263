import * as iam from 'aws-cdk-lib/aws-iam';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

/** The trust policies of the roles that CodeBuild takes, by whether the role is that of the build of images. */
function trust({ template }: TestPipeline, isOfImages: boolean): unknown[] {
  const roles = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) => id.includes('BuildImageRole') === isOfImages);
  const statements = roles.flatMap(([, { Properties }]) => Properties.AssumeRolePolicyDocument.Statement);
  return statements.filter(({ Principal }) => Principal.Service === 'codebuild.amazonaws.com');
}

test.each([['a known account', PIPELINE_ENV, '111111111111'], ['an account that is known at deployment', undefined, { Ref: 'AWS::AccountId' }]])(
  'CodeBuild may take the role of the build for builds of its account only: %s', (_, env, account) => {
    const pipeline = new TestPipeline({ env });
    pipeline.synthesizeStep();
    expect(trust(pipeline, true)).toEqual([{
      Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'codebuild.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': account } },
    }]);
  });

test('the roles of other steps stay as the CDK makes them', () => {
  const pipeline = new TestPipeline({ env: PIPELINE_ENV });
  pipeline.synthesizeStep();
  const others = trust(pipeline, false);
  expect(others.length).toBeGreaterThan(0);
  expect(JSON.stringify(others)).not.toContain('Condition');
});

test('a role that is given keeps its trust policy', () => {
  const pipeline = new TestPipeline({ env: PIPELINE_ENV });
  const role = new iam.Role(pipeline.stack, 'OwnRole', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
  pipeline.synthesizeStep({ role });
  const [own] = Object.values(pipeline.template.findResources('AWS::IAM::Role')).filter(({ Properties }) => JSON.stringify(Properties).includes('codebuild.amazonaws.com'));
  expect(JSON.stringify(own.Properties.AssumeRolePolicyDocument)).not.toContain('Condition');
});
