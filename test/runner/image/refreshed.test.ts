import { refreshed } from '../../../runner/image/refreshed';
import { plan } from '../testhelpers/build-setup';
import { digestOf } from '../testhelpers/layers';
import { manifest } from '../testhelpers/manifests';

test('an image that is refreshed has another manifest in each period, and the same in one', () => {
  const image = manifest({ annotations: { some: 'thing' } });
  const [first, again, next] = [1, 1, 2].map((refreshPeriod) => refreshed(plan({ refreshPeriod }), image));
  expect(first).toEqual(again);
  expect(first.digest).toBe(digestOf(first.body));
  expect(new Set([image.digest, first.digest, next.digest]).size).toBe(3);
  const content = JSON.parse(image.body.toString());
  expect(JSON.parse(first.body.toString())).toEqual({ ...content, annotations: { 'some': 'thing', 'cdk-cached-docker-build.refresh-period': '1' } });
});

test('any other image stays what it is', () => {
  const image = manifest();
  expect(refreshed(plan(), image)).toBe(image);
  const docker = { ...image, type: 'application/vnd.docker.distribution.manifest.v2+json' };
  expect(refreshed(plan({ refreshPeriod: 1 }), docker)).toBe(docker);
});
