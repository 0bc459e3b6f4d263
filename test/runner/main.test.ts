import * as fs from 'fs';
import * as path from 'path';
import { vertex } from './testhelpers/progress';
import { RunnerApp, runnerApps } from './testhelpers/runner-app';

const apps = runnerApps();
let app: RunnerApp;

beforeEach(() => { app = apps(); });

function missing(name: string, run = ':'): string {
  app.image(name);
  const digest = app.pushes(name);
  app.builds({ [name]: digest }, { [name]: run });
  return digest;
}

describe('the build of plans', () => {
  test('with a plan that is not there is refused', async () => {
    const { code, lines } = await app.run('build', 'image-Gone.json');
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/^ERROR: the input has no image-Gone\.json: the build needs the cloud assembly of the very pipeline that it belongs to \(ENOENT/);
  });

  test('for all plans where there is none is refused', async () => {
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe(`ERROR: ${app.assembly} has no plan of an image (image-*.json): run the program from the cloud assembly that it is in`);
  });

  test('for all plans leaves out those whose commit nobody knows, and says so', async () => {
    app.image('Api');
    app.has('Api');
    app.image('Source', { tag: undefined });
    const { code, lines } = await app.run('build', '--all');
    expect([code, lines[0]]).toEqual([0, 'WARNING: image-Source.json is left out: its tag is a commit, which only the synthesis in the pipeline knows']);
  });

  test('for all plans, of which each has no tag, is refused', async () => {
    app.image('Source', { tag: undefined });
    expect((await app.run('build', '--all')).lines.at(-1)).toMatch(/^ERROR: the cloud assembly does not say which commit it was made for/);
  });

  test('for all plans takes no other file', async () => {
    app.image('Api');
    app.has('Api');
    for (const name of ['manifest.json', 'image-notes.txt', 'an-image-x.json']) fs.writeFileSync(path.join(app.assembly, name), '{}');
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(0);
    expect(lines).toContain(`image         ${app.registry.host}/team/api:v1`);
  });
});

describe('the environment', () => {
  test.each([['TMPDIR'], ['HOME'], ['TMPDIR', 'HOME', 'DOCKER_CONFIG']])('need not have %j', async (...names) => {
    const digest = missing('Api');
    names.forEach((name) => delete app.env[name]);
    expect(await app.run('build', '--all')).toMatchObject({ code: 0, stderr: '' });
    expect(app.registry.digestOf('team/api', 'v1')).toBe(digest);
  });

  test('with a TMPDIR that is not there is said, with the way out', async () => {
    missing('Api');
    app.env.TMPDIR = '/no/such/folder';
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/^ERROR: no temporary directory can be made in \/no\/such\/folder: ENOENT.*; set TMPDIR to a directory that can be written$/);
  });

  test('with a Docker configuration that cannot be read is said, with its file', async () => {
    missing('Api');
    fs.mkdirSync(app.machine.path('.docker'));
    fs.writeFileSync(app.machine.path('.docker', 'config.json'), '{ "auths": ');
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(new RegExp(`^ERROR: the Docker configuration ${app.machine.path('.docker', 'config.json')} cannot be read \\(.*\\): mend or remove it$`));
  });

  test('of CodeBuild says what stands for placeholders', async () => {
    app.image('Api', { repository: `${app.registry.host}/team/\${AWS::AccountId}-\${AWS::Region}-\${AWS::Partition}` });
    app.env.CODEBUILD_BUILD_ARN = 'arn:aws-cn:codebuild:cn-north-1:111111111111:build/x:1';
    await app.run('build', '--all');
    expect(app.registry.requests[0]).toBe('GET team/111111111111-cn-north-1-aws-cn v1');
  });
});

describe('secrets', () => {
  const SECRETS = { REGISTRY_PASSWORD_0: 'secret-password', REGISTRY_USERNAME_0: 'secret-user', BUILDKIT_KEY: 'secret-key', BUILDKIT_CERT: 'secret-cert', BUILDKIT_CA: 'secret-ca' };
  const ALL = ['docker', 'docker-credential-ecr-login', 'aws'];

  /** All that reached a program or the log. */
  async function told(): Promise<string> {
    Object.assign(app.env, SECRETS);
    app.settings({ logins: [{ host: 'ghcr.io', usernameVariable: 'REGISTRY_USERNAME_0', passwordVariable: 'REGISTRY_PASSWORD_0' }], additionalTags: ['a-setting'] });
    const { lines, stderr } = await app.run('build', '--all');
    const calls = ALL.flatMap((program) => app.machine.calls(program));
    return [...lines, stderr, ...calls.flatMap(({ args, environment }) => [...args, ...Object.entries(environment).flat()])].join('\n');
  }

  test('of the environment, passwords and settings reach no program and no log', async () => {
    app.image('Api', { repository: `${app.registry.host}/team/\${AWS::AccountId}` });
    app.machine.tell('aws', { 'sts *': { stdout: 'arn:aws:sts::111111111111:assumed-role/x/y\n' }, 'ecr *': { stdout: 'the-ecr-password\n' } });
    app.machine.tell('docker-credential-ecr-login', { get: { code: 1 } });
    app.env.AWS_REGION = 'eu-west-1';
    app.env.OTHER = 'other-value';
    app.builds({ Api: app.registry.put('team/111111111111', undefined, Buffer.from('{"mediaType":"application/vnd.oci.image.manifest.v1+json"}'), '') });
    const all = await told();
    expect(app.built).toEqual(['Api']);
    expect(app.machine.calls('aws').length).toBeGreaterThan(1);
    expect(all).toContain('other-value');
    expect(all).not.toMatch(/secret-|the-ecr-password|CACHED_DOCKER_BUILD_SETTINGS|REGISTRY_PASSWORD_0|BUILDKIT_KEY/);
  });

  test('are where Docker finds them, for this build and its user alone', async () => {
    missing('Api', 'cp "$DOCKER_CONFIG/config.json" "$fakes/config"; ls -l "$DOCKER_CONFIG/config.json" >"$fakes/mode"; ls -ld "$DOCKER_CONFIG/.." >>"$fakes/mode"');
    await told();
    const { auths } = JSON.parse(fs.readFileSync(app.machine.path('config'), 'utf8'));
    const logins = Object.entries<{ auth: string }>(auths).map(([host, { auth }]) => [host, Buffer.from(auth, 'base64').toString()]);
    expect(Object.fromEntries(logins)).toEqual({ [app.registry.host]: 'AWS:the password', 'ghcr.io': 'secret-user:secret-password' });
    expect(fs.readFileSync(app.machine.path('mode'), 'utf8')).toMatch(/^-rw------- .*\ndrwx------ /);
    expect(fs.existsSync(app.machine.path('.docker'))).toBe(false);
  });
});

describe('what others print', () => {
  const HOSTILE = ['$(touch ran) `touch ran` ${IFS}; touch ran', "' ; touch ran '", 'asked[$(touch ran)]', '" && touch ran "', '| touch ran'];

  test('is never run, and no line of it can look like another one', async () => {
    const file = app.machine.path('hostile');
    fs.writeFileSync(file, HOSTILE.flatMap((text) => [text, vertex(`[1/1] RUN ${text}`, { error: text }), `\x1b]0;title\x07\x1b[2K\rERROR: ${text}\n`]).join(''));
    missing('Api', `cat '${file}' >&2; exit 1`);
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    for (const text of HOSTILE) expect(lines.join('\n')).toContain(text);
    expect(lines.join('\n')).not.toMatch(/[\0-\x09\x0b-\x1a\x1c-\x1f]|\x1b(?!\[[\d;]*m)/);
    expect(find('ran')).toEqual([]);
  });

  test('is never run in an answer of the registry either', async () => {
    app.image('Api');
    app.registry.answers['GET team/api v1'] = { status: 403, body: HOSTILE.join('\n') };
    const { code, lines } = await app.run('build', '--all');
    expect(code).toBe(1);
    expect(lines.at(-1)).toContain(`(HTTP 403): ${HOSTILE[0]}`);
    expect(find('ran')).toEqual([]);
  });

  test('in a plan that only looks like commands is handed over as it is', async () => {
    const nasty = ' -x "a" \'b\' `touch ran` $(touch ran) ${IFS}; touch ran\n& | > ran * ';
    app.image('Api', { target: nasty, buildArgs: { A: nasty }, dockerfile: `docker/Dockerfile${nasty.trim()}` });
    app.builds({ Api: app.pushes('Api') });
    const { code } = await app.run('build', '--all');
    expect(code).toBe(0);
    const args = app.machine.argumentsOf('docker').find(([, command]) => command === 'build')!;
    expect(args).toEqual(expect.arrayContaining(['--target', nasty, '--build-arg', `A=${nasty}`]));
    expect(find('ran')).toEqual([]);
  });

  function find(name: string): string[] {
    return fs.readdirSync(app.machine.directory, { recursive: true, encoding: 'utf8' }).filter((file) => path.basename(file) === name);
  }
});

test('a build that is ended ends what it has started, and leaves no password', async () => {
  missing('Api', 'echo $$ >"$fakes/pid.new"; ls "$DOCKER_CONFIG" >"$fakes/files"; cat "$fakes/pid.new" >"$fakes/pid"; exec sleep 60');
  const { child, outcome } = app.start('build', '--all');
  await until(() => fs.existsSync(app.machine.path('pid')) && fs.readFileSync(app.machine.path('pid'), 'utf8') !== '');
  expect(fs.readdirSync(app.machine.path('tmp'))).toHaveLength(1);
  child.kill('SIGTERM');
  const { code, lines } = await outcome;
  expect([code, lines.at(-1)]).toEqual([1, 'ERROR: the build was ended by SIGTERM; the next one does what is missing']);
  expect(fs.readdirSync(app.machine.path('tmp'))).toEqual([]);
  const pid = fs.readFileSync(app.machine.path('pid'), 'utf8').trim();
  await until(() => !fs.existsSync(`/proc/${pid}`) || fs.readFileSync(`/proc/${pid}/stat`, 'utf8').includes(' Z '));
});

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 20_000) throw new Error('it did not come');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the metrics of a build', () => {
  const documents = (lines: readonly string[]) => lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

  test('are a line of its log, for CloudWatch', async () => {
    app.image('Api');
    app.has('Api');
    app.settings({ metrics: { pipeline: 'Stack/Pipeline', step: 'Build' } });
    const { lines } = await app.run('build', '--all');
    expect(documents(lines)).toEqual([expect.objectContaining({ Pipeline: 'Stack/Pipeline', Step: 'Build', ImagesSkipped: 1, ImagesBuilt: 0 })]);
  });

  test('are none where the step has none', async () => {
    app.image('Api');
    app.has('Api');
    expect(documents((await app.run('build', '--all')).lines)).toEqual([]);
  });
});
