import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { WorkDirectory } from '../../../runner/process/work-directory';
import { DockerConfig } from '../../../runner/registry/docker-config';
import { Failure } from '../../../runner/report/failure';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { temporaryWork } from '../testhelpers/work-directory';

const HOST = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
const AUTH = Buffer.from('AWS:password').toString('base64');

let home: string;
let own: string;
let work: WorkDirectory;

beforeEach(() => {
  home = temporaryDirectory();
  own = path.join(home, '.docker');
  work = temporaryWork();
});

afterEach(() => jest.restoreAllMocks());

/** The configuration that the user has. */
function write(content: unknown): void {
  fs.mkdirSync(own, { recursive: true });
  fs.writeFileSync(path.join(own, 'config.json'), typeof content === 'string' ? content : JSON.stringify(content));
}

/** What programs find in the configuration of this build. */
function read({ environment }: DockerConfig): unknown {
  return JSON.parse(fs.readFileSync(path.join(environment.DOCKER_CONFIG, 'config.json'), 'utf8'));
}

function logIn(env: NodeJS.ProcessEnv = { HOME: home }): DockerConfig {
  const config = new DockerConfig(work, env);
  config.logIn(HOST, 'AWS', 'password');
  return config;
}

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

test('where nobody has logged in, the configuration has this login only, and the home of the user stays empty', () => {
  expect(read(logIn())).toEqual({ auths: { [HOST]: { auth: AUTH } } });
  expect(fs.readdirSync(home)).toEqual([]);
});

test('before any login it is that of the user', () => {
  write({ proxies: { default: { noProxy: 'x' } } });
  expect(read(new DockerConfig(work, { HOME: home }))).toEqual({ proxies: { default: { noProxy: 'x' } } });
});

test('other logins and settings are found as before, and the user\'s own file stays as it is', () => {
  const users = { auths: { 'other.example.com': { auth: 'b3RoZXI=' }, [HOST]: { auth: 'b2xk' } }, proxies: { default: { noProxy: 'x' } } };
  write(users);
  const before = fs.statSync(path.join(own, 'config.json'));
  expect(read(logIn())).toEqual({ ...users, auths: { 'other.example.com': { auth: 'b3RoZXI=' }, [HOST]: { auth: AUTH } } });
  expect(JSON.parse(fs.readFileSync(path.join(own, 'config.json'), 'utf8'))).toEqual(users);
  expect(fs.statSync(path.join(own, 'config.json')).mtimeMs).toBe(before.mtimeMs);
});

test('a credential helper for the host is left out, since it would count before the login, and others stay', () => {
  write({ credHelpers: { [HOST]: 'cdk-assets', 'public.ecr.aws': 'ecr-login' } });
  expect(read(logIn())).toEqual({ auths: { [HOST]: { auth: AUTH } }, credHelpers: { 'public.ecr.aws': 'ecr-login' } });
});

test('a credential store is set aside for the host, since it would count before the login, and stays for others', () => {
  write({ credsStore: 'desktop', credHelpers: { 'public.ecr.aws': 'ecr-login' } });
  // Docker takes an empty name for its own file
  expect(read(logIn())).toEqual({ auths: { [HOST]: { auth: AUTH } }, credsStore: 'desktop', credHelpers: { 'public.ecr.aws': 'ecr-login', [HOST]: '' } });
});

test.each(['{"auths":null}', '{"credHelpers":null,"credsStore":""}', '{"auths":{}}'])('%s is like none', (text) => {
  write(text);
  expect(read(logIn())).toMatchObject({ auths: { [HOST]: { auth: AUTH } } });
});

test('an empty configuration file is like none', () => {
  write('');
  expect(read(logIn())).toEqual({ auths: { [HOST]: { auth: AUTH } } });
});

test.each(['{"auths": ', '[]', 'null', '"text"', '5'])('a configuration file with %j fails with its name and the way out, and stays as it is', (text) => {
  write(text);
  expect(failure(() => new DockerConfig(work, { HOME: home }))).toMatch(new RegExp(`^the Docker configuration ${own}/config\\.json cannot be read \\(.+\\): mend or remove it$`));
  expect(fs.readFileSync(path.join(own, 'config.json'), 'utf8')).toBe(text);
});

test('a configuration file that is a folder fails with its name', () => {
  fs.mkdirSync(path.join(own, 'config.json'), { recursive: true });
  expect(failure(() => new DockerConfig(work, { HOME: home }))).toContain(`the Docker configuration ${own}/config.json cannot be read (EISDIR`);
});

test('a folder of the configuration that is a file fails with its name and the way out', () => {
  fs.writeFileSync(own, '');
  expect(failure(() => new DockerConfig(work, { HOME: home })))
    .toMatch(new RegExp(`^the folder of the Docker configuration ${own} cannot be read \\(ENOTDIR.*\\): mend it, or set DOCKER_CONFIG to another one$`));
});

test('several can be logged in to, the last one of each counts', () => {
  const config = logIn();
  config.logIn('ghcr.io', 'me', 'a:b "c" $(touch x) \\ é');
  config.logIn(HOST, 'AWS', 'newer');
  const { auths } = read(config) as { auths: { [host: string]: { auth: string } } };
  expect(Object.entries(auths).map(([host, { auth }]) => [host, Buffer.from(auth, 'base64').toString()]))
    .toEqual([[HOST, 'AWS:newer'], ['ghcr.io', 'me:a:b "c" $(touch x) \\ é']]);
});

test('DOCKER_CONFIG says where the configuration of the user is', () => {
  write({ credsStore: 'not this one' });
  const other = path.join(home, 'a folder');
  fs.mkdirSync(other);
  fs.writeFileSync(path.join(other, 'config.json'), '{"proxies":{}}');
  const config = new DockerConfig(work, { HOME: home, DOCKER_CONFIG: other });
  expect(read(config)).toEqual({ proxies: {} });
  expect(config.environment.BUILDX_CONFIG).toBe(path.join(other, 'buildx'));
});

test('logins of another configuration take the place of those of the user, and nothing else does', () => {
  write({ auths: { [HOST]: { auth: 'x' } }, credsStore: 'desktop', credHelpers: { 'ghcr.io': 'own' }, proxies: { default: { noProxy: 'x' } } });
  const other = path.join(home, 'other');
  fs.mkdirSync(other);
  fs.writeFileSync(path.join(other, 'config.json'), '{"credHelpers":{"docker.io":"cdk-assets"},"proxies":{}}');
  const config = new DockerConfig(work, { HOME: home }, other);
  expect(read(config)).toEqual({ credHelpers: { 'docker.io': 'cdk-assets' }, proxies: { default: { noProxy: 'x' } } });
  expect(config.environment.BUILDX_CONFIG).toBe(path.join(own, 'buildx'));
});

test('plugins and contexts of the user are found, and its builders stay where they are', () => {
  write({});
  fs.mkdirSync(path.join(own, 'cli-plugins'));
  fs.writeFileSync(path.join(own, 'cli-plugins', 'docker-buildx'), 'a plugin');
  const { environment } = logIn();
  expect(fs.readFileSync(path.join(environment.DOCKER_CONFIG, 'cli-plugins', 'docker-buildx'), 'utf8')).toBe('a plugin');
  expect(environment.BUILDX_CONFIG).toBe(path.join(own, 'buildx'));
});

test('BUILDX_CONFIG stays as the user has set it', () => {
  expect(logIn({ HOME: home, BUILDX_CONFIG: '/elsewhere' }).environment.BUILDX_CONFIG).toBe('/elsewhere');
});

test('without HOME, it is where the system says that the home is', () => {
  jest.spyOn(jest.requireActual<typeof os>('os'), 'homedir').mockReturnValue(home);
  write({ proxies: {} });
  expect(read(new DockerConfig(work, {}))).toEqual({ proxies: {} });
  expect(read(new DockerConfig(temporaryWork(), { HOME: '' }))).toEqual({ proxies: {} });
});

test('for a user that has no home at all, it is in the files of this build', () => {
  jest.spyOn(jest.requireActual<typeof os>('os'), 'homedir').mockImplementation(() => { throw new Error('uv_os_homedir returned ENOENT'); });
  const config = logIn({});
  expect(read(config)).toEqual({ auths: { [HOST]: { auth: AUTH } } });
  expect(config.environment.BUILDX_CONFIG.startsWith(work.root)).toBe(true);
});

test('files with a password are for nobody else, whatever the umask, and gone with the build', () => {
  const umask = process.umask(0);
  try {
    const { environment: { DOCKER_CONFIG: directory } } = logIn();
    expect(fs.statSync(path.join(directory, 'config.json')).mode % 0o1000).toBe(0o600);
    expect(fs.statSync(directory).mode % 0o1000).toBe(0o700);
    work.remove();
    expect(fs.existsSync(directory)).toBe(false);
  } finally {
    process.umask(umask);
  }
});

test('the end of a build removes nothing of the user, though its files are linked', () => {
  write({});
  fs.mkdirSync(path.join(own, 'contexts'));
  fs.writeFileSync(path.join(own, 'contexts', 'a'), '');
  logIn();
  work.remove();
  expect(fs.readdirSync(path.join(own, 'contexts'))).toEqual(['a']);
});
