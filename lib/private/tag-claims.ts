import { IConstruct } from 'constructs';
import { RepositoryIdentity } from './repository-identity';

/** For each app: whose tag is whose, so that no image or cache silently takes the place of another's. */
const claims = new WeakMap<IConstruct, Map<string, IConstruct>>();

/** Raises an error when another image has the same tag in the same repository. */
export function claimTag(image: IConstruct, repository: RepositoryIdentity, tag: string): void {
  const claimed = claims.get(image.node.root) ?? new Map<string, IConstruct>();
  claims.set(image.node.root, claimed);
  const key = `${repository.key}:${tag}`;
  const owner = claimed.get(key) ?? image;
  if (owner !== image) {
    throw new Error(`'${image.node.path}': the tag '${tag}' of repository '${repository.name}' is used for the image '${owner.node.path}' already; give each image a repository of its own, or tags and a cache scope of its own`);
  }
  claimed.set(key, image);
}
