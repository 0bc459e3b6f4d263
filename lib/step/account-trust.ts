import { IAspect, Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { IConstruct } from 'constructs';
import { stepsOf } from '../image/pipeline-order';

/**
 * Lets CodeBuild take the role of a build for builds of this account only. CDK Pipelines makes the role when the pipeline is built, at the end of the synthesis.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
 */
export class AccountTrust implements IAspect {
  constructor(private readonly step: pipelines.CodeBuildStep, private readonly pipeline: pipelines.CodePipeline) {}

  public visit(node: IConstruct): void {
    // A role that was given has the trust policy of who made it.
    if (node !== this.pipeline || this.step.role || !stepsOf(this.pipeline).has(this.step)) {
      return;
    }
    trustOwnAccount(this.step.project);
  }
}

/** Lets CodeBuild take the role that was made for a project for builds of this account only. */
export function trustOwnAccount(project: codebuild.IProject): void {
  const role = project.role?.node.defaultChild;
  if (role instanceof iam.CfnRole) {
    role.addPropertyOverride('AssumeRolePolicyDocument.Statement.0.Condition', { StringEquals: { 'aws:SourceAccount': Stack.of(project).account } });
  }
}
