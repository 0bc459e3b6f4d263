import { createHash } from 'crypto';

/** The digest of a root that no build has, so that BuildKit finds nothing by it. What also comes from it is kept apart from what does not. */
export const APART = digestOf('results, apart from the ways to them');

/** The digest of a root that no build has either. A link from it, with a selector of its own, tells a record from those of other caches. */
export const NAME = digestOf('what tells a record from those of other caches');

/** The digest of a record that no build asks for, behind all others. */
export const END = digestOf('the end of all ways');

function digestOf(what: string): string {
  return `sha256:${createHash('sha256').update(`cdk-cached-docker-build: ${what}`).digest('hex')}`;
}
