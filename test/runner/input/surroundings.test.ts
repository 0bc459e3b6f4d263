import { fillIn, findSurroundings, hasPlaceholder } from '../../../runner/input/surroundings';
import { FakePrograms, prints } from '../testhelpers/fake-programs';

const ARN = 'arn:aws:codebuild:eu-central-1:123456789012:build/Project:0815';
const REPOSITORY = '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/team/app';

let programs: FakePrograms;

beforeEach(() => { programs = new FakePrograms(); });

describe('where a build runs', () => {
  test('is said by CodeBuild, and nobody else is asked', async () => {
    programs.add('aws', '');
    expect(await findSurroundings({ ...programs.env, CODEBUILD_BUILD_ARN: ARN, AWS_REGION: 'us-east-1' }))
      .toEqual({ account: '123456789012', region: 'eu-central-1', partition: 'aws' });
    expect(programs.calls).toEqual([]);
  });

  test('can be another partition', async () => {
    expect(await findSurroundings({ CODEBUILD_BUILD_ARN: ARN.replace('aws', 'aws-cn') })).toMatchObject({ partition: 'aws-cn' });
  });

  test.each([
    ['a role', 'arn:aws-us-gov:sts::999999999999:assumed-role/a/b', 'aws-us-gov'],
    ['a user', 'arn:aws:iam::999999999999:user/a', 'aws'],
    ['the root user', 'arn:aws:iam::999999999999:root', 'aws'],
  ])('is said elsewhere by the AWS CLI, to %s', async (_, arn, partition) => {
    programs.add('aws', prints(arn));
    expect(await findSurroundings({ ...programs.env, AWS_REGION: 'us-east-1' })).toEqual({ account: '999999999999', region: 'us-east-1', partition });
    expect(programs.argumentsOf('aws')).toEqual([['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text']]);
  });

  test('the region can have either of its names, though the other is empty', async () => {
    programs.add('aws', prints('arn:aws:iam::999999999999:root'));
    expect((await findSurroundings({ ...programs.env, AWS_REGION: '', AWS_DEFAULT_REGION: 'us-east-1' })).region).toBe('us-east-1');
  });

  test('without a region it fails with what to set', async () => {
    await expect(findSurroundings({ ...programs.env, CODEBUILD_BUILD_ARN: 'x' })).rejects
      .toThrow(/^the region is not known: set AWS_REGION to the region of the image's repository$/);
  });

  test.each([
    ["process.stderr.write('first\\nUnable to locate credentials\\n'); process.exit(253)", 'Unable to locate credentials'],
    [prints('None'), 'no ARN'],
  ])('an AWS CLI without an answer fails with what it says: %s', async (body, reason) => {
    programs.add('aws', body);
    await expect(findSurroundings({ ...programs.env, AWS_REGION: 'us-east-1' })).rejects
      .toThrow(`the account is not known, since 'aws sts get-caller-identity' gave no answer: ${reason}`);
  });

  test('a machine without the AWS CLI is told that it has none', async () => {
    await expect(findSurroundings({ ...programs.env, AWS_REGION: 'us-east-1' })).rejects.toThrow('it could not be started: spawn aws ENOENT');
  });
});

describe('the placeholders of a plan', () => {
  test.each([
    ['aws', 'amazonaws.com'], ['aws-us-gov', 'amazonaws.com'], ['aws-cn', 'amazonaws.com.cn'], ['aws-eusc', 'amazonaws.eu'], ['aws-iso', 'c2s.ic.gov'], ['new', 'amazonaws.com'],
  ])('are filled in, in %s too', (partition, suffix) => {
    expect(fillIn(`${REPOSITORY}:${REPOSITORY} \${AWS::Partition}`, { account: '1', region: 'r', partition })).toBe(`1.dkr.ecr.r.${suffix}/team/app:1.dkr.ecr.r.${suffix}/team/app ${partition}`);
  });

  test('are told from other text', () => {
    expect(hasPlaceholder(REPOSITORY)).toBe(true);
    expect(hasPlaceholder('a ${AWS::Region} b')).toBe(true);
    expect(hasPlaceholder('123456789012.dkr.ecr.eu-central-1.amazonaws.com/${app}')).toBe(false);
  });
});
