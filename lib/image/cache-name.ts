import * as crypto from 'crypto';
import { Names, Stack } from 'aws-cdk-lib';
import { CachedDockerImage } from './cached-docker-image';

/**
 * A name of its own for the layers of each image, target and platform, readable in the repository.
 * With the scope that the runner adds it is still a valid tag.
 */
export function cacheName(image: CachedDockerImage): string {
  return render(Names.uniqueResourceName(image, { maxLength: 45, separator: '-' }), image);
}

/** The same name in whatever stack the image is: pipelines of several branches differ in their stacks. */
export function sharedCacheName(image: CachedDockerImage): string {
  const path = image.node.path.slice(Stack.of(image).node.path.length + 1);
  return render(readable(path, 45), image);
}

function render(name: string, image: CachedDockerImage): string {
  const platform = image._platform.replace(/\W+/g, '-');
  return `cache-${name}-${platform}${image._target === undefined ? '' : `-${readable(image._target, 20)}`}`;
}

/** Letters, digits and '-', and a hash of the text, so that two texts give two names. */
export function readable(text: string, maxLength: number): string {
  const hash = crypto.createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${text.replace(/[^a-zA-Z0-9]+/g, '-').slice(0, maxLength - 9)}-${hash}`;
}
