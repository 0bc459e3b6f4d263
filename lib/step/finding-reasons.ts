import { IAspect, Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { IConstruct } from 'constructs';
import { stepsOf } from '../image/pipeline-order';
import { acknowledge } from '../nag/acknowledge';
import { explainPolicy, isRolePolicy, textOf, WildcardReason } from '../nag/explain-policy';

const PART_OF_ROLE = 'These are the permissions of one build. They are part of its role, so that nothing else can be given them and they go with it.';

const SOURCE = 'The source is an artifact of the pipeline. The project logs in to no source repository.';

const NO_ARTIFACTS = 'The step leaves no artifact to encrypt: images and layers go to Amazon ECR or Amazon S3, which encrypt them as the repository or the bucket says.';

const BUILD_IMAGE = 'kaniko builds in an image of its own only.';

const TOKEN: WildcardReason = {
  actions: /^ecr:GetAuthorizationToken$/,
  on: (resource) => resource === '*',
  reason: 'Amazon ECR has no resource for ecr:GetAuthorizationToken. The token opens what the role may use, and no more.',
};

const METRICS: WildcardReason = {
  actions: /^cloudwatch:PutMetricData$/,
  on: (resource) => resource === '*',
  reason: 'Amazon CloudWatch has no resource for cloudwatch:PutMetricData. The statement has a condition instead: the namespace of this library, and no other.',
};

const NETWORK_INTERFACES: WildcardReason = {
  actions: /^ec2:(Create|Delete)NetworkInterface$|^ec2:CreateNetworkInterfacePermission$|^ec2:Describe\w+$/,
  on: (resource) => resource === '*' || resource.endsWith(':network-interface/*'),
  reason: 'CodeBuild makes the network interfaces of a build in a VPC, whose names are not known before, and Amazon EC2 describes all networks or none.',
};

const LAYERS_IN_BUCKET = 'The objects of the layer cache below its prefix, whose names are made of digests.';

const CACHED_REPOSITORIES = 'The repositories below the prefix of a pull-through cache, which Amazon ECR makes with the first pull of each image.';

/**
 * Tells cdk-nag why the project of a step and its role are as they are, each finding with its reason. They are there only when the pipeline is built, at the end of
 * the synthesis.
 */
export class FindingReasons implements IAspect {
  constructor(
    private readonly step: pipelines.CodeBuildStep, private readonly pipeline: pipelines.CodePipeline,
    private readonly statements: readonly iam.PolicyStatement[], private readonly hasOwnBuildImage: boolean,
  ) {}

  public visit(node: IConstruct): void {
    if (node instanceof codebuild.CfnProject && this.isOfStep(node)) {
      this.explainProject(node);
    } else if (isRolePolicy(node) && this.isOfStep(node)) {
      explainPolicy(node, PART_OF_ROLE, () => this.wildcards());
    }
  }

  private isOfStep({ node }: IConstruct): boolean {
    if (!stepsOf(this.pipeline).has(this.step)) {
      return false;
    }
    const { project } = this.step;
    return node.scopes.some((scope) => scope === project || scope === project.role);
  }

  private explainProject(project: codebuild.CfnProject): void {
    const key = Stack.of(project).resolve(project.encryptionKey);
    const hasKey = key !== undefined && key !== 'alias/aws/s3';
    acknowledge(project, () => [
      ...['HIPAA.Security', 'NIST.800.53.R4', 'PCI.DSS.321'].map((pack) => ({ rule: `${pack}-CodeBuildProjectSourceRepoUrl`, reason: SOURCE })),
      ...hasKey || this.step.outputs.length > 0 ? [] : [{ rule: 'AwsSolutions-CB4', reason: NO_ARTIFACTS }],
      ...this.hasOwnBuildImage ? [{ rule: 'AwsSolutions-CB5', reason: BUILD_IMAGE }] : [],
    ]);
  }

  private wildcards(): WildcardReason[] {
    const stack = Stack.of(this.pipeline);
    const text = (value: unknown) => textOf(stack.resolve(value));
    const ours = new Set(this.statements.flatMap((statement) => statement.resources).map(text));
    const { artifactBucket } = this.pipeline.pipeline;
    const bucket = text(artifactBucket.bucketArn);
    const key = artifactBucket.encryptionKey && text(artifactBucket.encryptionKey.keyArn);
    const project = text(this.step.project.projectName);
    return [
      TOKEN,
      METRICS,
      NETWORK_INTERFACES,
      { actions: /^ecr:/, on: (resource) => ours.has(resource) && resource !== '*', reason: CACHED_REPOSITORIES },
      { actions: /^s3:/, on: (resource) => ours.has(resource), reason: LAYERS_IN_BUCKET },
      {
        actions: /^s3:/,
        on: (resource) => resource === bucket || resource === `${bucket}/*`,
        reason: 'The artifacts of the pipeline, which AWS CodePipeline names. The CDK lets each action read them like this.',
      },
      { actions: /^kms:/, on: (resource) => resource === key, reason: 'The key of the pipeline\'s artifacts. The CDK lets each action use it like this.' },
      { actions: /^logs:/, on: (resource) => resource.endsWith(`:log-group:/aws/codebuild/${project}:*`), reason: 'The log streams of this project, which AWS CodeBuild names.' },
      { actions: /^codebuild:/, on: (resource) => resource.endsWith(`:report-group/${project}-*`), reason: 'The report groups of this project. The CDK lets each project write its own.' },
    ];
  }
}
