import { Token } from 'aws-cdk-lib';

export const ACCOUNT = /^\d{12}$/;
export const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d$/;

/** Raises an error when there is no such account or region. What is known at deployment only is left to it. */
export function checkAccountAndRegion(caller: string, { account, region }: { readonly account?: string; readonly region?: string }): void {
  if (account !== undefined && !Token.isUnresolved(account) && !ACCOUNT.test(account)) {
    throw new Error(`${caller}: account must be of twelve digits, got ${JSON.stringify(account)}; leave it out for that of the stack`);
  }
  if (region !== undefined && !Token.isUnresolved(region) && !REGION.test(region)) {
    throw new Error(`${caller}: region must be the id of one, got ${JSON.stringify(region)}, for example 'eu-west-1'; leave it out for that of the stack`);
  }
}
