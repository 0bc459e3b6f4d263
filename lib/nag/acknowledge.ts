import { Aspects, CfnResource } from 'aws-cdk-lib';

/** Why a finding of cdk-nag is as it should be. */
export interface Reason {
  /** The rule, with its pack. */
  readonly rule: string;
  /** What of the resource the rule has found, for rules that find several things in one. */
  readonly finding?: string;
  readonly reason: string;
}

/** What cdk-nag 2 calls a suppression. */
interface Suppression {
  readonly id: string;
  readonly reason: string;
  readonly applies_to?: string[];
}

/**
 * Tells cdk-nag why findings in a resource are as they should be, before it looks: the one of today when the app is complete, and cdk-nag 2, whose packs are
 * aspects, among the aspects. Neither has to be installed for that.
 *
 * @param reasons - asked for twice, since references between stacks become imports in the meantime
 * @see https://github.com/cdklabs/cdk-nag
 */
export function acknowledge(resource: CfnResource, reasons: () => readonly Reason[]): void {
  if (isCheckedByCdkNag2(resource)) {
    const given: Suppression[] = resource.getMetadata('cdk_nag')?.rules_to_suppress ?? [];
    const added = reasons().map(({ rule, finding, reason }) => ({ id: rule, reason, ...finding !== undefined && { applies_to: [finding] } }));
    resource.addMetadata('cdk_nag', { rules_to_suppress: [...given, ...added] });
  }
  resource.node.addValidation({
    validate: () => {
      // As Validations.acknowledge() keeps it, which takes no id with an ARN, and which is younger than the lowest aws-cdk-lib.
      resource.node.addMetadata('aws:cdk:acknowledged-rules', Object.fromEntries(
        reasons().map(({ rule, finding, reason }) => [`Annotation::${rule}${finding === undefined ? '' : `[${finding}]`}`, reason])));
      return [];
    },
  });
}

/** What cdk-nag 2 reads is in the template, where nobody else needs it. */
function isCheckedByCdkNag2({ node }: CfnResource): boolean {
  return node.scopes.some((scope) => Aspects.of(scope).all.some((aspect) => 'readPackName' in aspect));
}
