import * as fs from 'fs';
import { BuildMachine, digestOf, found, IMMUTABLE, manifest, NOT_FOUND, OCI_IMAGE, OCI_INDEX, refused, RegistryAnswer, REPOSITORY } from './build-machine';

const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json';
const BODY = manifest();
const DIGEST = digestOf(BODY);
const OTHER_BODY = manifest({ annotations: { by: 'another build' } });
const CREATED = { status: 201 };

let machine: BuildMachine;

/** After a build that pushed the image by its digest. */
beforeEach(() => {
  machine = new BuildMachine();
  machine.remember({ 'tag': 'v1', 'pushed': DIGEST, 'result': 'built', 'registry.curl': '' });
});

/** After a lookup that found the image. */
function alreadyThere(body = BODY, type = OCI_IMAGE): void {
  machine.remember({ 'result': 'already there', 'pushed': '', 'digest': digestOf(body), 'image.body': body, 'image.type': type });
}

/** After a build that pushed another image: what the registry answers. */
function pushed(body: string, type = OCI_IMAGE): { [request: string]: RegistryAnswer } {
  machine.remember({ pushed: digestOf(body) });
  return { [`GET ${digestOf(body)}`]: found(body, type) };
}

function layers(...mediaTypes: string[]) {
  return { layers: mediaTypes.map((mediaType) => ({ mediaType, digest: 'sha256:0', size: 1 })) };
}

test('the image gets its tag with the very bytes and the type that were pushed', async () => {
  machine.registry({ [`GET ${DIGEST}`]: found(BODY), 'PUT v1': CREATED });
  expect(await machine.run('publish.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.requests).toEqual([`GET ${DIGEST}`, 'PUT v1']);
  expect(machine.sent('PUT v1')).toEqual({ body: BODY, type: OCI_IMAGE });
  expect(machine.recall('digest')).toBe(DIGEST);
  expect(machine.recall('result')).toBe('built');
});

test('an image that the engine has pushed has its tag already', async () => {
  machine.remember({ pushed: 'v1' });
  machine.registry({ 'GET v1': found(BODY, DOCKER_IMAGE) });
  expect((await machine.run('publish.sh')).code).toBe(0);
  expect(machine.requests).toEqual(['GET v1']);
  expect(machine.recall('digest')).toBe(DIGEST);
});

test('an answer with other bytes than those that were pushed is an error, and gets no tag', async () => {
  machine.registry({ [`GET ${DIGEST}`]: found(OTHER_BODY), 'PUT v1': CREATED });
  const { code, stderr } = await machine.run('publish.sh');
  expect(code).toBe(1);
  expect(stderr).toContain(`ERROR: the registry answers with another image than ${DIGEST}`);
  expect(machine.requests).toEqual([`GET ${DIGEST}`]);
});

test('what was pushed and is not there is an error', async () => {
  machine.registry({ [`GET ${DIGEST}`]: NOT_FOUND });
  const { code, stderr } = await machine.run('publish.sh');
  expect(code).toBe(1);
  expect(stderr).toContain(`ERROR: the registry does not have ${DIGEST}, which was just pushed`);
});

describe('the check of the image', () => {
  test.each([
    ['an OCI index', manifest({ mediaType: OCI_INDEX }), OCI_IMAGE, OCI_INDEX],
    ['a manifest list of Docker', manifest({ mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json' }), OCI_IMAGE, 'application/vnd.docker.distribution.manifest.list.v2+json'],
    ['an index that only the header calls one', manifest({ mediaType: undefined }), OCI_INDEX, OCI_INDEX],
    ['a manifest of version 1', manifest({ mediaType: undefined }), 'application/vnd.docker.distribution.manifest.v1+prettyjws', 'application/vnd.docker.distribution.manifest.v1+prettyjws'],
  ])('%s is refused before it has the tag', async (_, body, header, type) => {
    machine.registry(pushed(body, header));
    const { code, stderr } = await machine.run('publish.sh');
    expect(code).toBe(1);
    expect(stderr).toContain(`ERROR: ${REPOSITORY} has an image index instead of an image (${type}), which Lambda refuses. Build for one platform and without attestations, and delete the tag 'v1'`);
    expect(machine.requests).toEqual([`GET ${digestOf(body)}`]);
    expect(machine.recall('digest')).toBeUndefined();
  });

  test('an index that has the tag already is refused too', async () => {
    alreadyThere(manifest({ mediaType: OCI_INDEX }), OCI_INDEX);
    const { code, stderr } = await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: 'latest' });
    expect(code).toBe(1);
    expect(stderr).toContain("delete the tag 'v1' if it has it already");
    expect(machine.requests).toEqual([]);
  });

  test.each([
    ['an OCI image', manifest(), OCI_IMAGE],
    ['an image of Docker', manifest({ mediaType: DOCKER_IMAGE, ...layers('application/vnd.docker.image.rootfs.diff.tar.gzip') }), DOCKER_IMAGE],
    ['an image that only the header calls one', manifest({ mediaType: undefined }), OCI_IMAGE],
    ['plain layers and such from elsewhere', manifest(layers('application/vnd.oci.image.layer.v1.tar', 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')), OCI_IMAGE],
    ['no layer at all', manifest(layers()), OCI_IMAGE],
  ])('%s is fit for Lambda', async (_, body, type) => {
    machine.registry({ ...pushed(body, type), 'PUT v1': CREATED });
    expect(await machine.run('publish.sh', { IMAGE_RUNS_ON_LAMBDA: 'true' })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(machine.sent('PUT v1')).toEqual({ body, type });
  });

  const zstd = manifest(layers('application/vnd.oci.image.layer.v1.tar+gzip', 'application/vnd.oci.image.layer.v1.tar+zstd'));

  test('a layer of zstd is refused for Lambda', async () => {
    machine.registry(pushed(zstd));
    const { code, stderr } = await machine.run('publish.sh', { IMAGE_RUNS_ON_LAMBDA: 'true' });
    expect(code).toBe(1);
    expect(stderr).toContain('ERROR: the image has a layer of type application/vnd.oci.image.layer.v1.tar+zstd, which Lambda refuses: it reads plain and gzip layers. It most likely comes from the base image');
    expect(machine.requests).toEqual([`GET ${digestOf(zstd)}`]);
  });

  test.each<{ [name: string]: string }>([{}, { IMAGE_RUNS_ON_LAMBDA: '' }, { IMAGE_RUNS_ON_LAMBDA: 'false' }])('a layer of zstd is fine for anything else (%j)', async (environment) => {
    machine.registry({ ...pushed(zstd), 'PUT v1': CREATED });
    expect((await machine.run('publish.sh', environment)).code).toBe(0);
    expect(machine.recall('digest')).toBe(digestOf(zstd));
  });
});

describe('when another build of the same image has set the tag', () => {
  test('its image is the one, and the build succeeds', async () => {
    machine.registry({ [`GET ${DIGEST}`]: found(BODY), 'PUT v1': IMMUTABLE, 'GET v1': found(OTHER_BODY), 'GET latest': NOT_FOUND, 'PUT latest': CREATED });
    expect(await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: 'latest' })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(machine.recall('digest')).toBe(digestOf(OTHER_BODY));
    expect(machine.recall('result')).toBe('built by another build at the same time');
    expect(machine.sent('PUT latest').body).toBe(OTHER_BODY);
  });

  test('its image has to be fit too', async () => {
    machine.registry({ [`GET ${DIGEST}`]: found(BODY), 'PUT v1': IMMUTABLE, 'GET v1': found(manifest({ mediaType: OCI_INDEX }), OCI_INDEX) });
    const { code, stderr } = await machine.run('publish.sh');
    expect(code).toBe(1);
    expect(stderr).toContain('has an image index instead of an image');
  });

  test('and it is gone again, the build ends with a message', async () => {
    machine.registry({ [`GET ${DIGEST}`]: found(BODY), 'PUT v1': IMMUTABLE, 'GET v1': NOT_FOUND });
    const { code, stderr } = await machine.run('publish.sh');
    expect(code).toBe(1);
    expect(stderr).toContain(`ERROR: the tag 'v1' can neither be set nor found in ${REPOSITORY}`);
  });
});

test('a tag that the image has already is its own, though it cannot be set again', async () => {
  machine.registry({ [`GET ${DIGEST}`]: found(BODY), 'PUT v1': IMMUTABLE, 'GET v1': found(BODY) });
  expect(await machine.run('publish.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.recall('digest')).toBe(DIGEST);
  expect(machine.recall('result')).toBe('built');
});

test.each([
  ['denied', refused(403, 'DENIED', 'not authorized to perform: ecr:PutImage'), '(HTTP 403): {"errors":[{"code":"DENIED","message":"not authorized to perform: ecr:PutImage"}]}'],
  ['refused for its content', refused(400, 'MANIFEST_INVALID'), '(HTTP 400): {"errors":[{"code":"MANIFEST_INVALID"'],
  ['in the way of too many others', refused(429, 'TOOMANYREQUESTS'), '(HTTP 429)'],
])('a tag that is %s ends the build with a message', async (_, answer, message) => {
  machine.registry({ [`GET ${DIGEST}`]: found(BODY), 'PUT v1': answer });
  const { code, stderr } = await machine.run('publish.sh');
  expect(code).toBe(1);
  expect(stderr).toContain(`ERROR: the tag 'v1' cannot be set in ${REPOSITORY} ${message}`);
  expect(machine.recall('digest')).toBeUndefined();
});

describe('additional tags', () => {
  beforeEach(alreadyThere.bind(undefined, BODY, OCI_IMAGE));

  test('they are set also when the image is there already, and nothing else is done', async () => {
    machine.registry({ 'GET latest': found(OTHER_BODY), 'PUT latest': CREATED, 'GET 4f2a': NOT_FOUND, 'PUT 4f2a': CREATED });
    expect(await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: 'latest 4f2a' })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(machine.requests).toEqual(['GET latest', 'PUT latest', 'GET 4f2a', 'PUT 4f2a']);
    expect(machine.sent('PUT latest')).toEqual({ body: BODY, type: OCI_IMAGE });
    expect(machine.sent('PUT 4f2a')).toEqual({ body: BODY, type: OCI_IMAGE });
    expect(machine.recall('digest')).toBe(DIGEST);
    expect(machine.recall('result')).toBe('already there');
  });

  test('they may stand in lines of their own', async () => {
    machine.registry({ 'GET latest': found(BODY), 'GET 4f2a': found(BODY) });
    expect((await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: '\n latest\n\t4f2a \n' })).code).toBe(0);
    expect(machine.requests).toEqual(['GET latest', 'GET 4f2a']);
  });

  test('there may be none', async () => {
    machine.registry({});
    expect((await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: '' })).code).toBe(0);
    expect(machine.requests).toEqual([]);
  });

  test('one that the image has is left alone, since an immutable one could not be set again', async () => {
    machine.registry({ 'GET latest': found(BODY) });
    expect(await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: 'latest' })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(machine.requests).toEqual(['GET latest']);
  });

  test('one that is immutable and of another image is said, and the build goes on to the next', async () => {
    machine.registry({ 'GET v0': found(OTHER_BODY), 'PUT v0': IMMUTABLE, 'GET latest': NOT_FOUND, 'PUT latest': CREATED });
    expect(await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: 'v0 latest' }))
      .toEqual({ code: 0, stdout: '', stderr: "WARNING: the tag 'v0' is immutable and stays with the image that has it\n" });
    expect(machine.requests).toEqual(['GET v0', 'PUT v0', 'GET latest', 'PUT latest']);
  });

  test('one that is denied ends the build with a message', async () => {
    machine.registry({ 'GET latest': NOT_FOUND, 'PUT latest': refused(403, 'DENIED') });
    const { code, stderr } = await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: 'latest' });
    expect(code).toBe(1);
    expect(stderr).toContain(`ERROR: the tag 'latest' cannot be set in ${REPOSITORY} (HTTP 403)`);
  });

  test('one that the registry does not tell about ends the build with a message', async () => {
    machine.registry({ 'GET latest': refused(500, 'UNKNOWN') });
    const { code, stderr } = await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: 'latest' });
    expect(code).toBe(1);
    expect(stderr).toContain(`ERROR: the registry cannot say whether ${REPOSITORY} has 'latest' (HTTP 500)`);
  });

  test.each(['feature/a', '../../other/manifests/v1', '$(touch${IFS}x)', '-x', '#{Source.CommitId}'])('%j is refused', async (tag) => {
    machine.registry({});
    const { code, stderr } = await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: tag });
    expect(code).toBe(1);
    expect(stderr).toContain(`ERROR: '${tag}' cannot be an image tag`);
    expect(machine.requests).toEqual([]);
  });

  test('a pattern is refused, and no name of a file is taken for a tag', async () => {
    machine.write('a-file', '');
    machine.registry({ 'GET a-file': NOT_FOUND, 'PUT a-file': CREATED });
    const { code, stderr } = await machine.run('publish.sh', { IMAGE_EXTRA_TAGS: 'a-*' });
    expect([code, machine.requests]).toEqual([1, []]);
    expect(stderr).toContain("ERROR: 'a-*' cannot be an image tag");
  });
});

test('nothing but the registry is asked, and nothing is written into the input', async () => {
  machine.registry({ [`GET ${DIGEST}`]: found(BODY), 'PUT v1': CREATED });
  await machine.run('publish.sh');
  expect(machine.calls().map(({ args }) => args[0])).toEqual(['curl', 'curl']);
  expect(fs.readdirSync(machine.sourceDirectory)).toEqual([]);
});

test('the phase is noted, also when the build ends in it', async () => {
  machine.registry({ [`GET ${DIGEST}`]: NOT_FOUND });
  await machine.run('publish.sh');
  expect(machine.recall('phases')).toMatch(/^publish \d+\n$/);
});
