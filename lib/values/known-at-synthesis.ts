import { Token } from 'aws-cdk-lib';

/** Whether a value is what it says: neither a token of CloudFormation nor a variable of the pipeline. */
export function isKnownAtSynthesis(value: string): boolean {
  return !Token.isUnresolved(value) && !/#\{[^}]+\}/.test(value);
}
