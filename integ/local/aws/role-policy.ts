import { SynthesizedStack } from './synthesized-stack';

/** A statement of an IAM policy, its references resolved. */
export interface PolicyStatement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: string | readonly string[] } };
}

/** The statements for the role of the build that an action of the pipeline runs. */
export function statementsOfAction(stack: SynthesizedStack, action: string): PolicyStatement[] {
  const projectName = stack.resolve(stack.pipelineAction(action).configuration.ProjectName);
  const project = stack.ofType('AWS::CodeBuild::Project').find(id => stack.ref(id) === projectName)!;
  const role = stack.resource(project).properties.ServiceRole.split('/').pop();
  return stack.ofType('AWS::IAM::Policy')
    .map(id => stack.resource(id).properties)
    .filter(({ Roles }) => Roles?.includes(role))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** Whether a pattern of IAM, with stars, matches a value. */
export function matches(wildcard: string, value: string): boolean {
  const pattern = wildcard.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return new RegExp(`^${pattern}$`).test(value);
}
