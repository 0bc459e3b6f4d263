import { ecrPassword } from '../../../runner/registry/ecr-password';
import { FakePrograms, prints } from '../testhelpers/fake-programs';

const HOST = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
const PASSWORD = 'eyJwYXlsb2FkIjoiSGlIaUhp+/SGlIaQ==';
const HELPER = 'docker-credential-ecr-login';

let programs: FakePrograms;

beforeEach(() => { programs = new FakePrograms().add('aws', prints(PASSWORD)); });

/** A credential helper that answers to the host that it is asked for. */
function helper(answer: string, code = 0): void {
  programs.add(HELPER, `const host = require('fs').readFileSync(0, 'utf8'); process.exitCode = ${code};
    process.stdout.write(${JSON.stringify(answer)}.replace('HOST', JSON.stringify(host)));`);
}

describe('the credential helper of Amazon ECR', () => {
  test('is asked first, and then the AWS CLI is not started', async () => {
    helper('{"ServerURL":HOST,"Username":"AWS","Secret":"of the helper"}');
    expect(await ecrPassword(HOST, programs.env)).toEqual({ password: 'of the helper', reason: '' });
    expect(programs.calls.map(({ program, args }) => [program, ...args])).toEqual([[HELPER, 'get']]);
  });

  test('gets the host in a line', async () => {
    helper('{"Secret":HOST}');
    expect((await ecrPassword(HOST, programs.env)).password).toBe(`${HOST}\n`);
  });

  test('leaves no password in a file of its own', async () => {
    helper('{"Secret":"x"}');
    await ecrPassword(HOST, programs.env);
    expect(programs.calls[0].env.AWS_ECR_DISABLE_CACHE).toBe('true');
  });

  test.each(['not JSON', 'null', '{}', '{"Secret":null}', '{"Secret":5}', '{"Secret":""}', ''])('that says %j is followed by the AWS CLI', async (answer) => {
    helper(answer);
    expect(await ecrPassword(HOST, programs.env)).toEqual({ password: PASSWORD, reason: '' });
  });

  test('that ends badly after it has answered is not believed', async () => {
    helper('{"Secret":"half"}', 1);
    expect(await ecrPassword(HOST, programs.env)).toEqual({ password: PASSWORD, reason: '' });
  });

  test('does not hide what the AWS CLI says when that fails too', async () => {
    helper('credentials not found in native keychain', 1);
    programs.add('aws', "process.stderr.write('\\nAn error occurred (AccessDeniedException): not authorized\\n'); process.exit(254)");
    expect(await ecrPassword(HOST, programs.env)).toEqual({ reason: 'An error occurred (AccessDeniedException): not authorized' });
  });
});

describe('the AWS CLI', () => {
  test.each([
    ['a region', HOST, 'eu-central-1'],
    ['a region of China', '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['an endpoint for FIPS', '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['the other name', '999999999999.dkr-ecr.us-east-1.on.aws', 'us-east-1'],
    ['the other name for FIPS', '999999999999.dkr-ecr-fips.us-east-1.on.aws', 'us-east-1'],
  ])('is asked in the region that the host names, whatever region the build is in: %s', async (_, host, region) => {
    expect(await ecrPassword(host, { ...programs.env, AWS_REGION: 'ap-south-1' })).toEqual({ password: PASSWORD, reason: '' });
    expect(programs.argumentsOf('aws')).toEqual([['ecr', 'get-login-password', '--region', region]]);
  });

  test('is asked in its own region for a host that names none', async () => {
    await ecrPassword('registry.example.com', programs.env);
    expect(programs.argumentsOf('aws')).toEqual([['ecr', 'get-login-password']]);
  });

  test.each([
    [prints(''), 'the AWS CLI printed none'],
    ['process.exit(255)', 'it ended with 255'],
  ])('that gives no password is a reason: %s', async (body, reason) => {
    programs.add('aws', body);
    expect(await ecrPassword(HOST, programs.env)).toEqual({ reason });
  });
});

test('without either of them the reason names both', async () => {
  expect(await ecrPassword(HOST, new FakePrograms().env))
    .toEqual({ reason: `neither the ECR credential helper (it could not be started: spawn ${HELPER} ENOENT) nor the AWS CLI answered` });
});
