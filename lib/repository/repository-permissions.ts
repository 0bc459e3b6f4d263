import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { PULL_ACTIONS } from '../registry/registry-access';

/** What pushing needs. It asks first whether a tag, a manifest or a layer is there, which a build does before it begins, too. */
const PUSH_ACTIONS = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

const PUSH_AND_PULL_ACTIONS = [...new Set([...PUSH_ACTIONS, ...PULL_ACTIONS])].sort();

const REPOSITORIES_OF_STATEMENT = 10;

/** Lets a build push, and read no layer. */
export function pushStatements(repositories: readonly ecr.IRepository[]): iam.PolicyStatement[] {
  return statements(PUSH_ACTIONS, repositories);
}

/** Lets a build push and pull. */
export function pushAndPullStatements(repositories: readonly ecr.IRepository[]): iam.PolicyStatement[] {
  return statements(PUSH_AND_PULL_ACTIONS, repositories);
}

/** Lets a build pull. */
export function pullStatements(repositories: readonly ecr.IRepository[]): iam.PolicyStatement[] {
  return statements(PULL_ACTIONS, repositories);
}

/** Several for many repositories: the CDK divides a policy that is too large for IAM, but only between its statements. */
function statements(actions: string[], repositories: readonly ecr.IRepository[]): iam.PolicyStatement[] {
  const arns = [...new Set(repositories.map(({ repositoryArn }) => repositoryArn))];
  const made: iam.PolicyStatement[] = [];
  for (let start = 0; start < arns.length; start += REPOSITORIES_OF_STATEMENT) {
    made.push(new iam.PolicyStatement({ actions, resources: arns.slice(start, start + REPOSITORIES_OF_STATEMENT) }));
  }
  return made;
}
