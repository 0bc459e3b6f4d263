import { SynthesizedStack } from './synthesized-stack';

/** A statement of an IAM policy, its references resolved. */
export interface PolicyStatement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: string | readonly string[] } };
}

/** The statements for the role of a build; undefined for a project without a role. */
export function statementsOfProject(stack: SynthesizedStack, project: string): PolicyStatement[] | undefined {
  const role = stack.resource(project).properties.ServiceRole?.split('/').pop();
  if (role === undefined) return undefined;
  return stack.ofType('AWS::IAM::Policy')
    .map(id => stack.resource(id).properties)
    .filter(({ Roles }) => Roles?.includes(role))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** The permissions that each project of the stack has, as `action resource`: what CDK Pipelines gives every step. */
export function grantsOfEveryProject(stack: SynthesizedStack): string[] {
  const [first, ...others] = stack.ofType('AWS::CodeBuild::Project').map(project => (statementsOfProject(stack, project) ?? []).flatMap(grantsOf));
  return first.filter(grant => others.every(grants => grants.includes(grant)));
}

export function grantsOf({ Action, Resource }: PolicyStatement): string[] {
  return [Action].flat().flatMap(action => [Resource].flat().map(resource => `${action} ${resource}`));
}

/** Whether a pattern of IAM, with stars and question marks, matches a value. */
export function matches(wildcard: string, value: string): boolean {
  const pattern = wildcard.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`).test(value);
}
