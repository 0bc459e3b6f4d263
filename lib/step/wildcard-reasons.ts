import { IAspect, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { IConstruct } from 'constructs';
import { stepsOf } from '../image/pipeline-order';

/** By the service of the actions; all that is not said here has no wildcard. */
const REASONS: { readonly [service: string]: string } = {
  ecr: 'The repositories below the prefix of a pull-through cache, which Amazon ECR makes with the first pull of each image.',
  s3: 'The objects of the layer cache below its prefix, whose names are made of digests.',
};

const TOKEN = 'Amazon ECR has no resource for ecr:GetAuthorizationToken. The token opens what the role may use, and no more.';

/**
 * Tells cdk-nag why the role of a build has resources with wildcards, each with its reason. A step has a role only when its pipeline is built, at the end of the synthesis.
 *
 * @see https://github.com/cdklabs/cdk-nag
 */
export class WildcardReasons implements IAspect {
  constructor(
    private readonly step: pipelines.CodeBuildStep, private readonly pipeline: pipelines.CodePipeline,
    private readonly statements: readonly iam.PolicyStatement[],
  ) {}

  public visit(node: IConstruct): void {
    if (node !== this.pipeline || !stepsOf(this.pipeline).has(this.step)) {
      return;
    }
    const stack = Stack.of(this.pipeline);
    for (const statement of this.statements) {
      const { Action, Resource } = stack.resolve(statement.toStatementJson()) as { Action: string | string[]; Resource: unknown };
      const resources = [Resource].flat().map(textOf).filter((text) => text.includes('*'));
      const [service] = [Action].flat()[0].split(':');
      for (const resource of resources) {
        // As Validations.acknowledge() keeps it, which takes no id with an ARN.
        this.step.project.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, {
          [`Annotation::AwsSolutions-IAM5[Resource::${resource}]`]: resource === '*' ? TOKEN : REASONS[service],
        });
      }
    }
  }
}

/** As cdk-nag writes a value of a template. */
function textOf(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as { 'Ref'?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] };
  return join ? join[1].map(textOf).join(join[0]) : `<${ref ?? attribute?.join('.')}>`;
}
