import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine, HOST } from './build-machine';

const OTHER = '999999999999.dkr.ecr.us-east-1.amazonaws.com';

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine();
  machine.tell('aws', { '*': { stdout: 'password\n' } });
});

/** Who is logged in where, as [user, password]. */
function logins(): { [host: string]: string } {
  const { auths } = JSON.parse(fs.readFileSync(path.join(machine.home, '.docker', 'config.json'), 'utf-8'));
  return Object.fromEntries(Object.entries<{ auth: string }>(auths).map(([host, { auth }]) => [host, Buffer.from(auth, 'base64').toString()]));
}

test('other registries of Amazon ECR are logged in to, each in its region', async () => {
  const { code, stderr } = await machine.run('login-base-images.sh', { REGISTRY_ECR_HOSTS: `${HOST} ${OTHER}` });
  expect([code, stderr]).toEqual([0, '']);
  expect(machine.argumentsOf('aws')).toEqual([['ecr', 'get-login-password', '--region', 'us-east-1']]);
  expect(logins()).toEqual({ [OTHER]: 'AWS:password' });
});

test.each(['999999999999.dkr-ecr.us-east-1.on.aws', '999999999999.dkr-ecr-fips.us-east-1.on.aws', '999999999999.dkr.ecr-fips.us-east-1.amazonaws.com'])(
  'by its other name %s too', async (host) => {
    await machine.run('login-base-images.sh', { REGISTRY_ECR_HOSTS: host });
    expect(machine.argumentsOf('aws')).toEqual([['ecr', 'get-login-password', '--region', 'us-east-1']]);
    expect(logins()).toEqual({ [host]: 'AWS:password' });
  });

test('that of the layer cache is logged in to already', async () => {
  await machine.run('login-base-images.sh', { REGISTRY_ECR_HOSTS: OTHER, CACHE_LOCATION: `type=registry,ref=${OTHER}/layers:` });
  expect(machine.argumentsOf('aws')).toEqual([]);
});

test('a registry of Amazon ECR that gives no password is said, and the build goes on', async () => {
  machine.tell('aws', { '*': { stderr: 'AccessDenied\n', code: 255 } });
  const { code, stderr } = await machine.run('login-base-images.sh', { REGISTRY_ECR_HOSTS: OTHER });
  expect(code).toBe(0);
  expect(stderr).toContain(`WARNING: no password for ${OTHER}, where base images are\n`);
});

test('other registries are logged in to with what their secrets hold, whatever that is', async () => {
  const { code, stdout, stderr } = await machine.run('login-base-images.sh', {
    REGISTRY_HOSTS: 'ghcr.io registry.example.com:5000',
    REGISTRY_USERNAME_0: 'somebody',
    REGISTRY_PASSWORD_0: 'a:b "c" $(touch x) \\ é',
    REGISTRY_USERNAME_1: 'a b',
    REGISTRY_PASSWORD_1: 'c',
  });
  expect([code, stdout, stderr]).toEqual([0, '', '']);
  expect(logins()).toEqual({ 'ghcr.io': 'somebody:a:b "c" $(touch x) \\ é', 'registry.example.com:5000': 'a b:c' });
  expect(machine.argumentsOf('aws')).toEqual([]);
});

test('Docker Hub is known to Docker by another name', async () => {
  await machine.run('login-base-images.sh', { REGISTRY_HOSTS: 'docker.io', REGISTRY_USERNAME_0: 'a', REGISTRY_PASSWORD_0: 'b' });
  expect(logins()).toEqual({ 'https://index.docker.io/v1/': 'a:b' });
});

test.each([{ REGISTRY_USERNAME_0: 'a' }, { REGISTRY_PASSWORD_0: 'b' }, { REGISTRY_USERNAME_0: '', REGISTRY_PASSWORD_0: 'b' }])(
  'a secret without user or password fails: %j', async (variables) => {
    const { code, stderr } = await machine.run('login-base-images.sh', { REGISTRY_HOSTS: 'ghcr.io', ...variables as { [name: string]: string } });
    expect(code).toBe(1);
    expect(stderr).toBe('\nERROR: the secret for ghcr.io has no user or no password: fill its fields, or name others in the declaration\n\n');
  });

test('nobody is logged in anywhere when there is nothing to build', async () => {
  machine.remember({ result: 'already there' });
  expect(await machine.run('login-base-images.sh', { REGISTRY_ECR_HOSTS: OTHER, REGISTRY_HOSTS: 'ghcr.io' })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
  expect(machine.recall('phases')).toBeUndefined();
});

test('files with a password are for nobody else', async () => {
  await machine.run('login-base-images.sh', { REGISTRY_HOSTS: 'ghcr.io', REGISTRY_USERNAME_0: 'a', REGISTRY_PASSWORD_0: 'b' });
  expect(fs.statSync(path.join(machine.home, '.docker', 'config.json')).mode % 0o1000).toBe(0o600);
});
