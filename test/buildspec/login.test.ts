import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine, BUILDSPEC, HOST, REPOSITORY } from './build-machine';

const PASSWORD = 'eyJwYXlsb2FkIjoiSGlIaUhp+/SGlIaQ==';
const AUTH = Buffer.from(`AWS:${PASSWORD}`).toString('base64');

let machine: BuildMachine;
let config: string;

beforeEach(() => {
  machine = new BuildMachine();
  machine.tell('aws', { '*': { stdout: `${PASSWORD}\n` } });
  config = path.join(machine.home, '.docker', 'config.json');
});

function writeConfig(content: unknown, permissions = 0o600): void {
  fs.mkdirSync(path.dirname(config));
  fs.writeFileSync(config, typeof content === 'string' ? content : JSON.stringify(content));
  fs.chmodSync(config, permissions);
}

function readConfig(file = config): unknown {
  return JSON.parse(fs.readFileSync(file, 'utf-8'));
}

function mode(file: string): string {
  return (fs.statSync(file).mode % 0o1000).toString(8);
}

test('a password is asked for once, in the region that the host names', async () => {
  expect(await machine.run('login.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.argumentsOf('aws')).toEqual([['ecr', 'get-login-password', '--region', 'eu-central-1']]);
});

test.each([
  ['a region of China', '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['an endpoint for FIPS', '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
])('the host may be that of %s, whatever region the build is in', async (_, host, region) => {
  await machine.run('login.sh', { IMAGE_REPOSITORY: `${host}/team/app`, AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1' });
  expect(machine.argumentsOf('aws')).toEqual([['ecr', 'get-login-password', '--region', region]]);
  expect(readConfig()).toEqual({ auths: { [host]: { auth: AUTH } } });
});

test('where nobody has logged in, the configuration of Docker has this login only', async () => {
  await machine.run('login.sh');
  expect(readConfig()).toEqual({ auths: { [HOST]: { auth: AUTH } } });
});

test('other logins and settings stay as they are', async () => {
  writeConfig({ auths: { 'other.example.com': { auth: 'b3RoZXI=' }, [HOST]: { auth: 'b2xk' } }, proxies: { default: { noProxy: 'x' } } });
  expect((await machine.run('login.sh')).code).toBe(0);
  expect(readConfig()).toEqual({
    auths: { 'other.example.com': { auth: 'b3RoZXI=' }, [HOST]: { auth: AUTH } },
    proxies: { default: { noProxy: 'x' } },
  });
});

test('a credential helper for the host is removed, since it would count before the login, and others stay', async () => {
  writeConfig({ credHelpers: { [HOST]: 'cdk-assets', 'public.ecr.aws': 'ecr-login' } });
  await machine.run('login.sh');
  expect(readConfig()).toEqual({ auths: { [HOST]: { auth: AUTH } }, credHelpers: { 'public.ecr.aws': 'ecr-login' } });
});

test('a credential store is set aside for the host, since it would count before the login, and stays for others', async () => {
  writeConfig({ credsStore: 'desktop' });
  await machine.run('login.sh');
  // Docker takes an empty name for its own file
  expect(readConfig()).toEqual({ auths: { [HOST]: { auth: AUTH } }, credsStore: 'desktop', credHelpers: { [HOST]: '' } });
});

test('an empty configuration file is like none', async () => {
  writeConfig('');
  expect((await machine.run('login.sh')).code).toBe(0);
  expect(readConfig()).toEqual({ auths: { [HOST]: { auth: AUTH } } });
});

test('a configuration file that is no JSON fails and stays as it is', async () => {
  writeConfig('{"auths": ');
  const { code, stderr } = await machine.run('login.sh');
  expect(code).not.toBe(0);
  expect(stderr).not.toBe('');
  expect(fs.readFileSync(config, 'utf-8')).toBe('{"auths": ');
});

test('DOCKER_CONFIG says where the configuration is', async () => {
  await machine.run('login.sh', { DOCKER_CONFIG: machine.path('a folder', 'docker') });
  expect(readConfig(machine.path('a folder', 'docker', 'config.json'))).toEqual({ auths: { [HOST]: { auth: AUTH } } });
  expect(fs.existsSync(config)).toBe(false);
});

test('curl finds the login in a file that it reads as its configuration', async () => {
  await machine.run('login.sh');
  expect(machine.recall('registry.curl')).toBe(`user = "AWS:${PASSWORD}"\n`);
});

test('files with the password are for nobody else, whatever the umask', async () => {
  await machine.bash(`umask 0; bash --norc --noprofile '${BUILDSPEC}/login.sh'`);
  expect(mode(config)).toBe('600');
  expect(mode(path.dirname(config))).toBe('700');
  expect(mode(path.join(machine.buildDirectory, 'registry.curl'))).toBe('600');
});

test('a configuration file that others could read is closed to them when the password goes in', async () => {
  writeConfig({}, 0o644);
  await machine.run('login.sh');
  expect(mode(config)).toBe('600');
});

/** A credential helper that answers as that of Amazon ECR does, and notes what it was asked. */
function helper(secret = PASSWORD, code = 0): void {
  machine.stub('docker-credential-ecr-login', [
    'cat >>"$TMPDIR/asked"',
    `if ((${code})); then echo 'credentials not found in native keychain'; exit ${code}; fi`,
    `printf '{"ServerURL":"x","Username":"AWS","Secret":"%s"}' '${secret}'`,
  ].join('\n'));
}

describe('the credential helper of Amazon ECR', () => {
  test('is asked first, and then the AWS CLI is not started', async () => {
    helper();
    expect(await machine.run('login.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(machine.argumentsOf('docker-credential-ecr-login')).toEqual([['get']]);
    expect(fs.readFileSync(machine.path('asked'), 'utf-8')).toBe(`${HOST}\n`);
    expect(machine.argumentsOf('aws')).toEqual([]);
    expect(machine.recall('registry.curl')).toBe(`user = "AWS:${PASSWORD}"\n`);
    expect(readConfig()).toEqual({ auths: { [HOST]: { auth: AUTH } } });
  });

  test('leaves no password in a file of its own', async () => {
    helper();
    await machine.run('login.sh');
    expect(machine.calls('docker-credential-ecr-login')[0].environment.AWS_ECR_DISABLE_CACHE).toBe('true');
  });

  test('that fails is followed by the AWS CLI, and nothing of it is taken for a password', async () => {
    helper(PASSWORD, 1);
    expect(await machine.run('login.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(machine.argumentsOf('aws')).toEqual([['ecr', 'get-login-password', '--region', 'eu-central-1']]);
    expect(readConfig()).toEqual({ auths: { [HOST]: { auth: AUTH } } });
  });

  test.each(['not JSON', '{}', '{"Secret":null}', '{"Secret":5}', '{"Secret":""}', ''])('that says %j is followed by the AWS CLI', async (answer) => {
    machine.stub('docker-credential-ecr-login', `printf '%s' '${answer}'`);
    expect(await machine.run('login.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(machine.recall('registry.curl')).toBe(`user = "AWS:${PASSWORD}"\n`);
  });

  test('that ends badly after it has answered is not believed', async () => {
    machine.stub('docker-credential-ecr-login', 'printf \'%s\' \'{"Secret":"half"}\'; exit 1');
    expect((await machine.run('login.sh')).code).toBe(0);
    expect(machine.recall('registry.curl')).toBe(`user = "AWS:${PASSWORD}"\n`);
  });

  test('does not hide what the AWS CLI says when that fails too', async () => {
    helper(PASSWORD, 1);
    machine.tell('aws', { '*': { stderr: 'AccessDeniedException: not authorized\n', code: 254 } });
    const { code, stderr } = await machine.run('login.sh');
    expect(code).toBe(1);
    expect(stderr).toBe(`AccessDeniedException: not authorized\n\nERROR: no password for ${HOST}: the build's role needs ecr:GetAuthorizationToken, and the build a way to the ECR API\n\n`);
  });
});

describe('the registry of the cache', () => {
  const CACHE_HOST = '999999999999.dkr.ecr.us-east-1.amazonaws.com';
  const CACHE = { CACHE_LOCATION: `type=registry,ref=${CACHE_HOST}/team/cache:` };
  const CACHE_AUTH = Buffer.from('AWS:other').toString('base64');

  test('gets a login of its own when it is of another account or region', async () => {
    machine.tell('aws', { '*eu-central-1': { stdout: `${PASSWORD}\n` }, '*us-east-1': { stdout: 'other\n' } });
    expect(await machine.run('login.sh', CACHE)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readConfig()).toEqual({ auths: { [HOST]: { auth: AUTH }, [CACHE_HOST]: { auth: CACHE_AUTH } } });
  });

  test('leaves curl with the login for the image', async () => {
    machine.tell('aws', { '*eu-central-1': { stdout: `${PASSWORD}\n` }, '*us-east-1': { stdout: 'other\n' } });
    await machine.run('login.sh', CACHE);
    expect(machine.recall('registry.curl')).toBe(`user = "AWS:${PASSWORD}"\n`);
  });

  test.each<[string, { [name: string]: string }]>([
    ['that is the one of the image', { CACHE_LOCATION: `type=registry,ref=${REPOSITORY}-cache:` }],
    ['that is a bucket', { CACHE_LOCATION: 'type=s3,region=eu-central-1,bucket=a,prefix=type=registry,ref=b/,name=' }],
    ['that is not there', {}],
  ])('%s needs no login of its own', async (_, environment) => {
    expect(await machine.run('login.sh', environment)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(machine.argumentsOf('aws')).toHaveLength(1);
    expect(readConfig()).toEqual({ auths: { [HOST]: { auth: AUTH } } });
  });

  test('that gives no password is a warning, since a build can do without it', async () => {
    machine.tell('aws', { '*eu-central-1': { stdout: `${PASSWORD}\n` }, '*us-east-1': { stderr: 'could not connect\n', code: 255 } });
    const { code, stderr } = await machine.run('login.sh', CACHE);
    expect(code).toBe(0);
    expect(stderr).toBe(`could not connect\nWARNING: no password for ${CACHE_HOST}, where the layer cache is\n`);
    expect(readConfig()).toEqual({ auths: { [HOST]: { auth: AUTH } } });
  });
});

test.each([
  ['of the AWS CLI', () => {}],
  ['of the credential helper', () => {
    helper();
    machine.tell('aws', {});
  }],
])('the password %s stands in no argument of any process and in no output, and no copy of it is left', async (_, prepare) => {
  prepare();
  machine.restrictTo();
  machine.spyOn('jq', 'cut', 'sed', 'cat', 'mkdir', 'dirname', 'rm', 'chmod'); // with nothing else on the PATH, these are all the processes
  const { code, stdout, stderr } = await machine.run('login.sh');
  expect([code, stdout, stderr]).toEqual([0, '', '']);
  expect(machine.recall('registry.curl')).toContain(PASSWORD);
  expect(machine.calls().length).toBeGreaterThan(3);
  for (const text of [stdout, stderr, JSON.stringify(machine.argumentsOf('jq')), JSON.stringify(machine.calls())]) {
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(AUTH);
  }
  expect(fs.readdirSync(machine.buildDirectory).sort()).toEqual(['phases', 'registry.curl', 'started']);
});

test('without a password the build ends with what it lacks', async () => {
  machine.tell('aws', { '*': { stderr: 'AccessDeniedException: not authorized\n', code: 254 } });
  const { code, stdout, stderr } = await machine.run('login.sh');
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('AccessDeniedException: not authorized');
  expect(stderr).toContain(`ERROR: no password for ${HOST}: the build's role needs ecr:GetAuthorizationToken`);
  expect(machine.recall('registry.curl')).toBeUndefined();
  expect(fs.existsSync(config)).toBe(false);
});

test('the clock of the build starts here', async () => {
  const before = Date.now();
  await machine.run('login.sh');
  const started = Number(machine.recall('started')) / 1000;
  expect(started).toBeGreaterThanOrEqual(before - 1);
  expect(started).toBeLessThanOrEqual(Date.now());
  expect(machine.recall('phases')).toMatch(/^login \d+\n$/);
});
