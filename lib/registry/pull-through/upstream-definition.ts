/** How Amazon ECR logs in to a registry. */
export enum Credentials {
  /** Not at all: the registry is open to everybody. */
  NONE,
  /** With a secret. */
  SECRET,
  /** With a role, if the registry is in another account. */
  ROLE,
}

/** What Amazon ECR has to know of a registry that it pulls from. */
export interface UpstreamDefinition {
  /** The name that Amazon ECR has for this kind of registry. */
  readonly type: string;
  /** Where it pulls from, which for Docker Hub is another host than images name. */
  readonly url: string;
  /** How the repositories of cached images begin, unless something else is wanted. */
  readonly prefix: string;
  readonly credentials: Credentials;
  /** Of a registry of Amazon ECR. */
  readonly account?: string;
  readonly region?: string;
}
