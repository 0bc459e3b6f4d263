import { BuildMachine, digestOf, found, HOST, manifest, NOT_FOUND, OCI_INDEX, plan, refused, RegistryAnswer, REPOSITORY } from './build-machine';

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine({ IMAGE_PLAN_FILE: 'image-App.json' });
  machine.write('image-App.json', plan());
});

test('an image that is there ends the build, with the digest of its very bytes', async () => {
  const body = manifest();
  machine.registry({ 'GET v1': found(body) });
  const { code, stdout } = await machine.run('lookup.sh');
  expect(code).toBe(0);
  expect(stdout).toBe(`${REPOSITORY}:v1 is there already, nothing to build\n`);
  expect(machine.recall('result')).toBe('already there');
  expect(machine.recall('digest')).toBe(digestOf(body));
  expect(machine.recall('image.body')).toBe(body);
});

test('an image that the registry does not have is built', async () => {
  machine.registry({ 'GET v1': NOT_FOUND });
  expect(await machine.run('lookup.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.recall('result')).toBeUndefined();
  expect(machine.recall('digest')).toBeUndefined();
  expect(machine.recall('tag')).toBe('v1');
});

/** A connection that breaks so many times before the registry says that it does not have the image. */
function breaksTimes(times: number): void {
  machine.stub('sleep', '');
  machine.stub('curl', [
    'tries=$(cat "$STUBS/tries" 2>/dev/null || echo 0); echo $((tries + 1)) >"$STUBS/tries"',
    `if ((tries < ${times})); then echo 'curl: (56) connection reset' >&2; exit 56; fi`,
    'while (($# > 1)); do if [[ "$1" == --output ]]; then echo \'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}\' >"$2"; fi; shift; done',
    'printf "404 application/json"',
  ].join('\n'));
}

test('a connection that breaks is tried again', async () => {
  breaksTimes(2);
  expect(await machine.run('lookup.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls('curl')).toHaveLength(3);
});

test('a connection that breaks three times is an error', async () => {
  breaksTimes(3);
  const { code, stderr } = await machine.run('lookup.sh');
  expect(code).toBe(1);
  expect(stderr).toContain('cannot be reached: curl: (56) connection reset');
  expect(machine.calls('curl')).toHaveLength(3);
});

test('a repository that does not exist is an error that names it', async () => {
  machine.registry({ 'GET v1': refused(404, 'NAME_UNKNOWN', "The repository with name 'team/app' does not exist") });
  const { code, stderr } = await machine.run('lookup.sh');
  expect(code).toBe(1);
  expect(stderr).toContain(`ERROR: the repository ${REPOSITORY} does not exist; it has to be deployed before its first image is built`);
});

test.each<[string, RegistryAnswer, string]>([
  ['without a valid login', refused(401, 'UNAUTHORIZED', 'Not Authorized'), `the registry denies access to ${REPOSITORY} (HTTP 401): {"errors":[{"code":"UNAUTHORIZED","message":"Not Authorized"}]}`],
  ['that denies', refused(403, 'DENIED', 'no identity-based policy'), `the registry denies access to ${REPOSITORY} (HTTP 403): {"errors":[{"code":"DENIED","message":"no identity-based policy"}]}`],
  ['that has an error', { status: 500, type: 'text/html', body: '<p>oops' }, `the registry cannot say whether ${REPOSITORY} has 'v1' (HTTP 500): <p>oops`],
  ['that is overloaded', refused(429, 'TOOMANYREQUESTS', 'Rate exceeded'), `the registry cannot say whether ${REPOSITORY} has 'v1' (HTTP 429)`],
  ['that sends elsewhere', { status: 307 }, `the registry cannot say whether ${REPOSITORY} has 'v1' (HTTP 307)`],
  ['that nobody can reach', { unreachable: 'curl: (6) Could not resolve host' }, `the registry ${HOST} cannot be reached: curl: (6) Could not resolve host`],
])('a registry %s ends the build with a message, and is no reason to build', async (_, answer, message) => {
  machine.registry({ 'GET v1': answer });
  const { code, stderr } = await machine.run('lookup.sh');
  expect(code).toBe(1);
  expect(stderr).toContain(`ERROR: ${message}`);
  expect(stderr.match(/ERROR/g)).toHaveLength(1);
  expect(machine.recall('result')).toBeUndefined();
});

test.each<[string, RegistryAnswer]>([
  ['a page of a proxy', { status: 404, type: 'text/html', body: '<html>no such host</html>' }],
  ['nothing', { status: 404 }],
  ['JSON of something else', { status: 404, type: 'application/json', body: '{"message":"no route"}' }],
  ['a registry that does not take the name', refused(404, 'NAME_INVALID')],
])('%s is no reason to build, though it says 404', async (_, answer) => {
  machine.registry({ 'GET v1': answer });
  const { code, stderr } = await machine.run('lookup.sh');
  expect(code).toBe(1);
  expect(stderr).toMatch(/ERROR: .*HTTP 404/);
  expect(machine.recall('result')).toBeUndefined();
});

test('an index that has the tag is found, so that the check can refuse it', async () => {
  machine.registry({ 'GET v1': found('{}', OCI_INDEX) });
  expect((await machine.run('lookup.sh')).code).toBe(0);
  expect(machine.recall('image.type')).toBe(OCI_INDEX);
});

test('an input without the plan is an error that says what the input has to be', async () => {
  const { code, stderr } = await machine.run('lookup.sh', { IMAGE_PLAN_FILE: 'image-Other.json' });
  expect(code).toBe(1);
  expect(stderr).toContain('ERROR: the input has no image-Other.json: the build needs the cloud assembly of the very pipeline that it belongs to');
  expect(machine.requests).toEqual([]);
});

test('a plan that is no JSON fails before the registry is asked', async () => {
  machine.write('image-App.json', '{"tag": "v1", ');
  const { code, stderr } = await machine.run('lookup.sh');
  expect(code).not.toBe(0);
  expect(stderr).not.toBe('');
  expect(machine.requests).toEqual([]);
});

test('the plan reaches the other scripts byte for byte', async () => {
  const text = plan({ dockerfileContent: 'RUN echo "$(touch x)" \\n `touch x` é\r\n' });
  machine.write('image-App.json', text);
  machine.registry({ 'GET v1': NOT_FOUND });
  expect((await machine.run('lookup.sh')).code).toBe(0);
  expect(machine.recall('plan.json')).toBe(text);
});

test('the name of the plan can be any', async () => {
  machine.write("-image 'a' $(touch x).json", plan());
  machine.registry({ 'GET v1': NOT_FOUND });
  expect((await machine.run('lookup.sh', { IMAGE_PLAN_FILE: "-image 'a' $(touch x).json" })).code).toBe(0);
  expect(machine.recall('plan.json')).toBe(plan());
});

test('a tag in the environment is not that of the plan', async () => {
  machine.registry({ 'GET v1': NOT_FOUND });
  await machine.run('lookup.sh', { IMAGE_TAG: '4f2a', IMAGE_PLAN: plan({ tag: '4f2a' }) });
  expect(machine.requests).toEqual(['GET v1']);
  expect(machine.recall('tag')).toBe('v1');
});

test.each([[undefined], [null], ['']])('a plan that does not know its commit ends the build with what to do, instead of a tag such as null (%j)', async (tag) => {
  machine.write('image-App.json', plan({ tag }));
  const { code, stderr } = await machine.run('lookup.sh');
  expect(code).toBe(1);
  expect(stderr).toBe('\nERROR: the cloud assembly does not say which commit it was made for: its synthesis has to run in CodeBuild, from the source of the image\n\n');
  expect(machine.requests).toEqual([]);
});

test.each(['../../other/manifests/v1', '$(touch x)', 'a b', 'a\nb', '-x', '.x', 'a'.repeat(129), 'é', '#{Source.CommitId}'])('%j is refused as a tag', async (tag) => {
  machine.write('image-App.json', plan({ tag }));
  const { code, stderr } = await machine.run('lookup.sh');
  expect(code).toBe(1);
  expect(stderr).toContain(`ERROR: '${tag}' cannot be an image tag`);
  expect(machine.requests).toEqual([]);
});

test('a tag can be as long as Docker allows', async () => {
  const tag = `_${'aZ9._-'.repeat(21)}b`;
  machine.write('image-App.json', plan({ tag }));
  machine.registry({ [`GET ${tag}`]: NOT_FOUND });
  expect((await machine.run('lookup.sh')).code).toBe(0);
  expect(tag).toHaveLength(128);
});

test('the phase is noted, also when the build ends in it', async () => {
  machine.registry({ 'GET v1': refused(403, 'DENIED') });
  await machine.run('lookup.sh');
  expect(machine.recall('phases')).toMatch(/^lookup \d+\n$/);
});
