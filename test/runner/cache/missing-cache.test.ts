import { saysMissing } from '../../../runner/cache/missing-cache';

test.each([
  'failed to configure registry cache importer: host/app:cache-a: not found',
  'host/app:cache-a: host/app:cache-a: not found: not found',
  'manifest for host/app:cache-a does not exist',
])('a cache that is not there yet is told: %s', (error) => {
  expect(saysMissing(error)).toBe(true);
});

test.each([
  'unexpected status from HEAD request: 403 Forbidden',
  'error getting credentials - err: exec: "docker-credential-x": executable file not found in $PATH, out: ``',
  'api error NoSuchBucket: The specified bucket does not exist',
  'failed to copy: host/app: not found while fetching a layer: EOF',
  'failed to copy: httpReadSeeker: failed open: could not fetch content descriptor sha256:ca30 (text/html) from remote: not found',
  '',
])('a cache that is broken is not taken for one: %s', (error) => {
  expect(saysMissing(error)).toBe(false);
});
