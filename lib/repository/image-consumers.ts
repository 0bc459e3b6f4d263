import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { PULL_ACTIONS } from '../registry/registry-access';

/** What Amazon ECS asks for. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html */
const ACCOUNT_ACTIONS = ['ecr:BatchCheckLayerAvailability', ...PULL_ACTIONS];

/**
 * Lets AWS Lambda pull for the functions of an account, also when it reads the image again long after the deployment.
 * Says false when the repository's policy is not ours to change.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions
 */
export function allowLambda(repository: ecr.IRepository, account: string, region: string): boolean {
  return repository.addToResourcePolicy(new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('lambda.amazonaws.com')],
    actions: PULL_ACTIONS,
    conditions: {
      StringLike: {
        'aws:sourceArn': Stack.of(repository).formatArn({
          service: 'lambda', account, region, resource: 'function', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      },
    },
  })).statementAdded;
}

/** Lets an account's own roles pull, which is what its deployments and its tasks do. */
export function allowAccount(repository: ecr.IRepository, account: string): boolean {
  return repository.addToResourcePolicy(new iam.PolicyStatement({
    principals: [new iam.AccountPrincipal(account)],
    actions: ACCOUNT_ACTIONS,
  })).statementAdded;
}
