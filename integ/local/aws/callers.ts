import { BuildPermissions } from './build-permissions';

/** The builds that call, by what they prove themselves with. Whoever else calls may do everything: a test that puts things there, or looks at them. */
export class Callers {
  private readonly builds = new Map<string, BuildPermissions>();

  /** @returns the access key that the build has to sign with */
  public add(build: BuildPermissions): string {
    const accessKey = `ASIA${`${this.builds.size}`.padStart(16, '0')}`;
    this.builds.set(accessKey, build);
    return accessKey;
  }

  /** Whose request it is, by its header: a signature, or what a token of Amazon ECR makes of one. */
  public of(authorization: string | undefined): BuildPermissions | undefined {
    const accessKey = accessKeyOf(authorization ?? '');
    return accessKey === undefined ? undefined : this.builds.get(accessKey);
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
