import { IAspect, Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IConstruct } from 'constructs';
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

const NETWORK_INTERFACES: WildcardReason = {
  actions: /^ec2:(Create|Delete)NetworkInterface$|^ec2:CreateNetworkInterfacePermission$|^ec2:Describe\w+$/,
  on: (resource) => resource === '*' || resource.endsWith(':network-interface/*'),
  reason: 'CodeBuild makes the network interfaces of a build in a VPC, whose names are not known before, and Amazon EC2 describes all networks or none.',
};

const LAYERS_IN_BUCKET = 'The objects of the layer cache below its prefix, whose names are made of digests.';

const CACHED_REPOSITORIES = 'The repositories below the prefix of a pull-through cache, which Amazon ECR makes with the first pull of each image.';

/** A project that builds images. */
export interface BuildProject {
  /** Undefined before the pipeline is built, which defines the projects of its steps. */
  readonly project?: codebuild.IProject;
  /** The role that it was given, which may have a policy before there is a project. */
  readonly role?: iam.IRole;
  readonly hasArtifacts: boolean;
  /** Where the pipeline that the project belongs to keeps its artifacts. */
  readonly artifactBucket?: s3.IBucket;
}

/** Tells cdk-nag why a project that builds images and its role are as they are, each finding with its reason. */
export class FindingReasons implements IAspect {
  /** @param find undefined as long as the step is in no pipeline */
  constructor(
    private readonly find: () => BuildProject | undefined, private readonly statements: readonly iam.PolicyStatement[],
    private readonly hasOwnBuildImage: boolean,
  ) {}

  public visit(node: IConstruct): void {
    const isProject = node instanceof codebuild.CfnProject;
    if (!isProject && !isRolePolicy(node)) {
      return;
    }
    const found = this.find();
    const own: unknown[] = found ? [found.project, found.project?.role, found.role] : [];
    if (!found || !node.node.scopes.some((scope) => own.includes(scope))) {
      return;
    }
    if (isProject) {
      this.explainProject(node, found);
    } else {
      explainPolicy(node, PART_OF_ROLE, () => this.wildcards());
    }
  }

  private explainProject(project: codebuild.CfnProject, { hasArtifacts }: BuildProject): void {
    const key = Stack.of(project).resolve(project.encryptionKey);
    const hasKey = key !== undefined && key !== 'alias/aws/s3';
    acknowledge(project, () => [
      ...['HIPAA.Security', 'NIST.800.53.R4', 'PCI.DSS.321'].map((pack) => ({ rule: `${pack}-CodeBuildProjectSourceRepoUrl`, reason: SOURCE })),
      ...hasKey || hasArtifacts ? [] : [{ rule: 'AwsSolutions-CB4', reason: NO_ARTIFACTS }],
      ...this.hasOwnBuildImage ? [{ rule: 'AwsSolutions-CB5', reason: BUILD_IMAGE }] : [],
    ]);
  }

  private wildcards(): WildcardReason[] {
    const { project: built, artifactBucket } = this.find() ?? {};
    if (!built) {
      return []; // nothing of the build is in its role yet
    }
    const stack = Stack.of(built.node.scope!);
    const text = (value: unknown) => textOf(stack.resolve(value));
    const ours = new Set(this.statements.flatMap((statement) => statement.resources).map(text));
    const bucket = artifactBucket && text(artifactBucket.bucketArn);
    const key = artifactBucket?.encryptionKey && text(artifactBucket.encryptionKey.keyArn);
    const project = text(built.projectName);
    return [
      TOKEN,
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
