import * as fs from 'fs';
import * as path from 'path';
import { PLAN_VERSION } from '../../../lib/plan/image-plan';
import { StepSettings } from '../../../lib/plan/step-settings';
import { DockerConfig } from '../../../runner/registry/docker-config';
import { Logins } from '../../../runner/registry/logins';
import { Failure } from '../../../runner/report/failure';
import { collectedLog } from '../testhelpers/collected-log';
import { FakePrograms, prints } from '../testhelpers/fake-programs';
import { temporaryWork } from '../testhelpers/work-directory';

const HOST = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
const OTHER = '999999999999.dkr.ecr.us-east-1.amazonaws.com';
const DENIES = "process.stderr.write('AccessDeniedException: not authorized\\n'); process.exit(254)";
/** An AWS CLI whose password is the region that it is asked for. */
const BY_REGION = "console.log(args[args.indexOf('--region') + 1])";

let programs: FakePrograms;
let config: DockerConfig;
let lines: string[];

beforeEach(() => { programs = new FakePrograms().add('aws', BY_REGION); });

function start(env: NodeJS.ProcessEnv = {}): Logins {
  const all = { ...programs.env, ...env };
  const collected = collectedLog();
  lines = collected.lines;
  config = new DockerConfig(temporaryWork(), all);
  return new Logins(config, all, collected.log);
}

/** Who is logged in where. */
function loggedIn(): { [host: string]: string } {
  const { auths = {} } = JSON.parse(fs.readFileSync(path.join(config.environment.DOCKER_CONFIG, 'config.json'), 'utf8')) as { auths?: { [host: string]: { auth: string } } };
  return Object.fromEntries(Object.entries(auths).map(([host, { auth }]) => [host, Buffer.from(auth, 'base64').toString()]));
}

function settings(values: Partial<StepSettings>): StepSettings {
  return { version: PLAN_VERSION, layerCache: { kind: 'none' }, builder: { kind: 'kaniko' }, ...values };
}

async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(() => { throw new Error('it did not fail'); }, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(Failure);
  return (error as Error).message;
}

describe('the registries of images', () => {
  test('are logged in to, each once, in their own regions', async () => {
    await start().toRepositories([`${HOST}/a`, `${HOST}/b`, `${OTHER}/a`], []);
    expect(loggedIn()).toEqual({ [HOST]: 'AWS:eu-central-1', [OTHER]: 'AWS:us-east-1' });
    expect(programs.argumentsOf('aws')).toHaveLength(2);
    expect(lines).toEqual([]);
  });

  test('without a password end the build with what it lacks', async () => {
    programs.add('aws', DENIES);
    expect(await failure(start().toRepositories([`${HOST}/a`], [])))
      .toBe(`there is no password for ${HOST} (AccessDeniedException: not authorized): the build's role needs ecr:GetAuthorizationToken, and the build a way to the ECR API`);
    expect(loggedIn()).toEqual({});
  });

  test('have clients with their logins', async () => {
    const logins = start();
    await logins.toRepositories([`${HOST}/a`], []);
    expect(logins.client(`${HOST}/a`)).toMatchObject({ repository: { host: HOST, path: 'a' }, authorization: `Basic ${Buffer.from('AWS:eu-central-1').toString('base64')}` });
  });
});

describe('the registries of caches', () => {
  test('get a login of their own when they are of another account or region', async () => {
    await start().toRepositories([`${HOST}/a`], [`${OTHER}/cache`]);
    expect(loggedIn()).toEqual({ [HOST]: 'AWS:eu-central-1', [OTHER]: 'AWS:us-east-1' });
  });

  test('need none of their own when they are those of the image', async () => {
    await start().toRepositories([`${HOST}/a`], [`${HOST}/a-cache`]);
    expect(programs.argumentsOf('aws')).toHaveLength(1);
  });

  test('that give no password are a warning, since a build can do without them', async () => {
    programs.add('aws', `if (args.includes('us-east-1')) { ${DENIES} } else { ${BY_REGION} }`);
    await start().toRepositories([`${HOST}/a`], [`${OTHER}/cache`]);
    expect(lines).toEqual([`WARNING: there is no password for ${OTHER}, where the layer cache is: AccessDeniedException: not authorized`]);
    expect(loggedIn()).toEqual({ [HOST]: 'AWS:eu-central-1' });
  });
});

describe('the registries of base images', () => {
  test('are none by default, and then nobody is asked', async () => {
    await start().toBaseImages(settings({}));
    expect(programs.calls).toEqual([]);
    expect(loggedIn()).toEqual({});
  });

  test('of Amazon ECR are logged in to, each once', async () => {
    await start().toBaseImages(settings({ ecrHosts: [OTHER, OTHER, '999999999999.dkr-ecr.eu-west-1.on.aws'] }));
    expect(loggedIn()).toEqual({ [OTHER]: 'AWS:us-east-1', '999999999999.dkr-ecr.eu-west-1.on.aws': 'AWS:eu-west-1' });
    expect(programs.argumentsOf('aws')).toHaveLength(2);
  });

  test('of images and caches are logged in to already', async () => {
    const logins = start();
    await logins.toRepositories([`${HOST}/a`], [`${OTHER}/cache`]);
    await logins.toBaseImages(settings({ ecrHosts: [HOST, OTHER] }));
    expect(programs.argumentsOf('aws')).toHaveLength(2);
  });

  test('of Amazon ECR that give no password are a warning, and the build goes on', async () => {
    programs.add('aws', DENIES);
    await start().toBaseImages(settings({ ecrHosts: [OTHER] }));
    expect(lines).toEqual([`WARNING: there is no password for ${OTHER}, where base images are: AccessDeniedException: not authorized`]);
  });

  test('elsewhere are logged in to with what their secrets hold, whatever that is', async () => {
    await start({ U0: 'somebody', P0: 'a:b "c" $(touch x) \\ é', U1: 'a b', P1: 'c' }).toBaseImages(settings({
      logins: [{ host: 'ghcr.io', usernameVariable: 'U0', passwordVariable: 'P0' }, { host: 'registry.example.com:5000', usernameVariable: 'U1', passwordVariable: 'P1' }],
    }));
    expect(loggedIn()).toEqual({ 'ghcr.io': 'somebody:a:b "c" $(touch x) \\ é', 'registry.example.com:5000': 'a b:c' });
    expect(programs.calls).toEqual([]);
  });

  test('Docker Hub is known to Docker by another name', async () => {
    await start({ U: 'a', P: 'b' }).toBaseImages(settings({ logins: [{ host: 'docker.io', usernameVariable: 'U', passwordVariable: 'P' }] }));
    expect(loggedIn()).toEqual({ 'https://index.docker.io/v1/': 'a:b' });
  });

  test.each([{ U: 'a' }, { P: 'b' }, { U: '', P: 'b' }, { U: 'a', P: '' }, {}])('a secret without user or password fails: %j', async (env) => {
    expect(await failure(start(env).toBaseImages(settings({ logins: [{ host: 'ghcr.io', usernameVariable: 'U', passwordVariable: 'P' }] }))))
      .toBe('the secret for ghcr.io has no user or no password: fill its fields, or name others in the declaration');
  });
});

test.each([['of the AWS CLI', 'aws', BY_REGION], ['of the credential helper', 'docker-credential-ecr-login', prints('{"Secret":"eu-central-1"}')]])(
  'a password %s is in no line of the log, and in no argument of a program', async (_, program, body) => {
    programs.add(program, body.replace('eu-central-1', 'a-secret').replace(/console.*/, "console.log('a-secret')"));
    await start().toRepositories([`${HOST}/a`], []);
    expect(loggedIn()).toEqual({ [HOST]: 'AWS:a-secret' });
    expect(JSON.stringify([lines, programs.calls])).not.toContain('a-secret');
  });
