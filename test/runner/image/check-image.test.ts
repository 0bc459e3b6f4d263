import { checkImage, warnOfPlainLayers } from '../../../runner/image/check-image';
import { plan, REPOSITORY } from '../testhelpers/build-setup';
import { collectedLog } from '../testhelpers/collected-log';
import { manifest } from '../testhelpers/manifests';

const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const OLDEST = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
const GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';
const ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd';

const layers = (...mediaTypes: string[]) => ({ layers: mediaTypes.map((mediaType) => ({ mediaType, digest: 'sha256:0', size: 1 })) });
const check = (values: object, type = OCI_IMAGE, runsOnLambda = true) => () => checkImage(plan({ runsOnLambda }), REPOSITORY, manifest(values, type));

test.each([
  ['an OCI index', { mediaType: OCI_INDEX }, OCI_IMAGE, OCI_INDEX],
  ['a manifest list of Docker', { mediaType: DOCKER_LIST }, OCI_IMAGE, DOCKER_LIST],
  ['an index that only the header calls one', { mediaType: undefined }, OCI_INDEX, OCI_INDEX],
  ['a manifest of version 1', { mediaType: undefined }, OLDEST, OLDEST],
])('%s is refused, whatever runs it', (_, values, header, type) => {
  const message = `${REPOSITORY} has an image index instead of an image (${type}), which Lambda refuses. Build for one platform and without attestations, and delete the tag 'v1' if it has it already`;
  expect(check(values, header)).toThrow(message);
  expect(check(values, header, false)).toThrow(message);
});

test.each([
  ['an OCI image', {}, OCI_IMAGE],
  ['an image of Docker', { mediaType: DOCKER_IMAGE, ...layers('application/vnd.docker.image.rootfs.diff.tar.gzip') }, DOCKER_IMAGE],
  ['an image that only the header calls one', { mediaType: undefined }, OCI_IMAGE],
  ['plain layers and such from elsewhere', layers('application/vnd.oci.image.layer.v1.tar', 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'), OCI_IMAGE],
  ['no layer at all', layers(), OCI_IMAGE],
])('%s is fit for Lambda', (_, values, header) => {
  expect(check(values, header)).not.toThrow();
});

test('a layer of zstd is refused for Lambda, and fine for anything else', () => {
  expect(check(layers(GZIP, ZSTD))).toThrow(`the image has a layer of type ${ZSTD}, which Lambda refuses: it reads plain and gzip layers. It most likely comes from the base image`);
  expect(check(layers(GZIP, ZSTD), OCI_IMAGE, false)).not.toThrow();
});

test('a plain layer is warned of, for Lambda', () => {
  const plain = manifest(layers('application/vnd.oci.image.layer.v1.tar', GZIP, 'application/vnd.docker.image.rootfs.diff.tar'));
  const { log, lines } = collectedLog();
  warnOfPlainLayers(plan({ runsOnLambda: false }), REPOSITORY, plain, log);
  warnOfPlainLayers(plan({ runsOnLambda: true }), REPOSITORY, manifest(layers(GZIP)), log);
  expect(lines).toEqual([]);
  warnOfPlainLayers(plan({ runsOnLambda: true }), REPOSITORY, plain, log);
  expect(lines).toEqual(['WARNING: the image has layers that are not compressed, 2 of them, as its base image has them. Lambda has refused such images; DockerBuilder.buildkit() compresses them']);
});

test('a layer of no type is refused for Lambda', () => {
  expect(check({ layers: [{}] })).toThrow('which Lambda refuses: it reads plain and gzip layers');
});

test.each(['<html>Sign in</html>', '', 'null', '[]', '7'])('%j is no manifest', (text) => {
  expect(() => checkImage(plan(), REPOSITORY, { digest: 'sha256:0', type: OCI_IMAGE, body: Buffer.from(text) })).toThrow(`${REPOSITORY} answers with something else than a manifest: ${text}`);
});
