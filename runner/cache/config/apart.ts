import { createHash } from 'crypto';
import { CacheRecord } from './cache-config';

/** A root that no build has, so that BuildKit finds nothing by it. What also comes from it is kept apart from what does not. */
export const APART: CacheRecord = {
  digest: `sha256:${createHash('sha256').update('cdk-cached-docker-build: results, apart from the ways to them').digest('hex')}`,
  inputs: [],
  results: [],
};
