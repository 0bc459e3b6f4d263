import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { acknowledge, Reason } from './acknowledge';

/** Why statements of a policy have wildcards. */
export interface WildcardReason {
  /** Which actions. */
  readonly actions: RegExp;
  /** On which resources, as cdk-nag writes them. */
  readonly on: (resource: string) => boolean;
  readonly reason: string;
}

/** A statement as the template has it. */
interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** The packs that want permissions in policies of their own, which can be attached to several roles. */
const PACKS = ['NIST.800.53.R4', 'NIST.800.53.R5', 'HIPAA.Security', 'PCI.DSS.321'];

/** The CDK puts into the second what is too much for the first. */
export type RolePolicy = iam.CfnPolicy | iam.CfnManagedPolicy;

export function isRolePolicy(construct: IConstruct): construct is RolePolicy {
  return construct instanceof iam.CfnPolicy || construct instanceof iam.CfnManagedPolicy;
}

/**
 * Tells cdk-nag why a policy is part of its role, and why it has wildcards. A wildcard is explained only if it is in every statement that has it:
 * what others add to the policy goes on being found.
 */
export function explainPolicy(policy: RolePolicy, partOfRole: string, wildcards: () => readonly WildcardReason[]): void {
  acknowledge(policy, () => [
    ...policy instanceof iam.CfnPolicy ? PACKS.map((pack) => ({ rule: `${pack}-IAMNoInlinePolicy`, reason: partOfRole })) : [],
    ...wildcardReasons(policy, wildcards()),
  ]);
}

function wildcardReasons(policy: RolePolicy, wildcards: readonly WildcardReason[]): Reason[] {
  const document: { readonly Statement?: Statement[] } = Stack.of(policy).resolve(policy.policyDocument);
  const found = new Map<string, string | undefined>();
  for (const { Effect, Action, Resource } of document.Statement ?? []) {
    if (Effect !== 'Allow') {
      continue;
    }
    const actions = [Action].flat();
    const resources = [Resource].flat().map(textOf);
    const add = (finding: string, reason: string | undefined) => found.set(finding, found.has(finding) && !found.get(finding) ? undefined : reason);
    const known = wildcards.filter((wildcard) => actions.every((action) => wildcard.actions.test(action)));
    const reasonOf = (resource: string) => known.find((wildcard) => wildcard.on(resource))?.reason;
    for (const resource of resources.filter((text) => text.includes('*'))) {
      add(`Resource::${resource}`, reasonOf(resource));
    }
    for (const action of actions.filter((name) => name.includes('*'))) {
      const reasons = resources.map(reasonOf);
      add(`Action::${action}`, reasons.every((reason) => reason) ? reasons[0] : undefined);
    }
  }
  return [...found].flatMap(([finding, reason]) => (reason ? [{ rule: 'AwsSolutions-IAM5', finding, reason }] : []));
}

/** As cdk-nag writes a value of a template. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::ImportValue': imported, 'Fn::Join': join } = value as {
    'Ref'?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::ImportValue'?: unknown; 'Fn::Join'?: [string, unknown[]];
  };
  if (join) {
    return join[1].map(textOf).join(join[0]);
  }
  if (imported) {
    return textOf(imported);
  }
  return ref || attribute ? `<${ref ?? attribute?.join('.')}>` : JSON.stringify(value);
}
