import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Where images and caches have their tags. */
export interface TagPlace {
  /** One place as a text, to compare it with others. */
  readonly key: string;
  /** For messages. */
  readonly what: string;
  /** Whether a tag that is set again with each build fails the second time. */
  isImmutable(tag: string): boolean;
}

/** For each app: whose tag is whose, so that no image or cache silently takes the place of another's. */
const claims = new WeakMap<IConstruct, Map<string, IConstruct>>();

/** Raises an error when another image has the same tag in the same place. */
export function claimTag(image: IConstruct, place: TagPlace, tag: string): void {
  const claimed = claims.get(image.node.root) ?? new Map<string, IConstruct>();
  claims.set(image.node.root, claimed);
  const key = `${place.key}:${tag}`;
  const owner = claimed.get(key) ?? image;
  if (owner !== image) {
    const what = Token.isUnresolved(tag) ? 'a pipeline variable as a tag' : `the tag '${tag}'`;
    throw new Error(`'${image.node.path}': ${what} of ${place.what} is used for the image '${owner.node.path}' already; give each image a repository of its own, or tags and a cache scope of its own`);
  }
  claimed.set(key, image);
}
