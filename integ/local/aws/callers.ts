import { BuildPermissions } from './build-permissions';

/** A build, or a role that it has assumed. */
export interface Caller {
  readonly account: string;
  readonly permissions: BuildPermissions;
}

/** Who calls, by what they prove themselves with. Whoever is not known may do everything: a test that puts things there, or looks at them. */
export class Callers {
  private readonly callers = new Map<string, Caller>();
  private readonly roles = new Map<string, BuildPermissions>();

  /** @returns the access key that the build has to sign with */
  public add(build: Caller): string {
    const accessKey = `ASIA${`${this.callers.size}`.padStart(16, '0')}`;
    this.callers.set(accessKey, build);
    return accessKey;
  }

  /** A role, by its ARN, and what it may do. Builds may assume it as far as their own roles let them. */
  public addRole(arn: string, permissions: BuildPermissions): void {
    this.roles.set(arn, permissions);
  }

  /** Who signs with the key from now on is the role. One that nobody has added may do nothing. */
  public assume(arn: string, accessKey: string): void {
    const [, , , , account] = arn.split(':');
    this.callers.set(accessKey, { account, permissions: this.roles.get(arn) ?? new BuildPermissions([]) });
  }

  /** Whose request it is, by its header: a signature, or what a token of Amazon ECR makes of one. */
  public of(authorization: string | undefined): Caller | undefined {
    const accessKey = accessKeyOf(authorization ?? '');
    return accessKey === undefined ? undefined : this.callers.get(accessKey);
  }
}

/** The password that Amazon ECR gives who has signed with a key. */
export function ecrPassword(account: string, authorization: string): string {
  return `${account}-auth-token-${accessKeyOf(authorization)}`;
}

function accessKeyOf(authorization: string): string | undefined {
  const basic = /^basic (.*)$/i.exec(authorization);
  if (basic) return /^AWS:\d{12}-auth-token-(\w+)$/.exec(Buffer.from(basic[1], 'base64').toString())?.[1];
  return /Credential=([^/]+)\//.exec(authorization)?.[1];
}
