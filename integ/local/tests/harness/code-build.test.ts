import * as fs from 'fs';
import * as path from 'path';
import { AwsEndpoint } from '../../aws/endpoint';
import { SynthesizedStack } from '../../aws/synthesized-stack';
import { ShellSharing } from '../../machine/build-shell';
import { BuildSpec } from '../../machine/build-spec';
import { CodeBuildPlay, CodeBuildResult, expectSuccess, playCodeBuild } from '../../machine/code-build';
import { freshDirectory } from '../../world/directories';

const account = '111111111111';
const region = 'eu-west-1';

let aws: AwsEndpoint;
beforeAll(async () => {
  aws = await AwsEndpoint.start({ account });
});
afterAll(async () => aws.stop());

/** A pipeline's template with one action and its project, as the CDK would write it. */
function stackWith(spec: Partial<BuildSpec>, project: object[] = [], action: unknown = undefined): SynthesizedStack {
  return new SynthesizedStack('Pipeline', {
    Resources: {
      Repository: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'api' } },
      Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'token' } },
      Project: {
        Type: 'AWS::CodeBuild::Project',
        Properties: {
          Source: { Type: 'CODEPIPELINE', BuildSpec: JSON.stringify({ version: '0.2', ...spec }) },
          Environment: { EnvironmentVariables: project },
        },
        Metadata: { 'aws:cdk:path': 'Pipeline/Build/Project/Resource' },
      },
      Pipeline: {
        Type: 'AWS::CodePipeline::Pipeline',
        Properties: {
          Stages: [{
            Name: 'Deploy',
            Actions: [{
              Name: 'Build',
              Configuration: { ProjectName: { Ref: 'Project' }, ...action !== undefined && { EnvironmentVariables: action } },
              InputArtifacts: [{ Name: 'Assembly' }, { Name: 'More' }],
            }],
          }],
        },
      },
    },
  }, { account, region });
}

function sourceWith(files: Record<string, string> = {}): string {
  const directory = freshDirectory('source');
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    fs.writeFileSync(path.join(directory, file), content);
  }
  return directory;
}

async function play(spec: Partial<BuildSpec>, more: Partial<CodeBuildPlay> = {}): Promise<CodeBuildResult> {
  const stack = stackWith({ env: { shell: 'bash' }, ...spec });
  return playCodeBuild({ stack, aws, action: 'Build', source: sourceWith(), inputs: { More: sourceWith() }, ...more });
}

function printed(result: CodeBuildResult): string[] {
  return result.log.split('\n').filter(line => !line.startsWith('[Container]') && line !== '');
}

describe.each<ShellSharing>(['carried', 'one'])('with shells that are %s', sharing => {
  test('commands share variables and the current directory', async () => {
    const result = await play({
      phases: {
        install: { commands: ['mkdir -p inner && cd inner', 'plain=\'a "quoted" $value\'\nexport EXPORTED="two\nlines"'] },
        build: { commands: ['basename "$PWD"; echo "$plain"; echo "$EXPORTED"'] },
      },
    }, { sharing });

    expectSuccess(result);
    expect(printed(result)).toEqual(['inner', 'a "quoted" $value', 'two', 'lines']);
    expect(result.phases.map(phase => phase.name)).toEqual(['install', 'build']);
  });

  test('a failing command ends its phase, finally still runs, and so does post_build after build', async () => {
    const result = await play({
      phases: {
        build: { commands: ['echo one', '(exit 7)', 'echo never'], finally: ['echo finally'] },
        post_build: { commands: ['echo succeeding=$CODEBUILD_BUILD_SUCCEEDING'] },
      },
    }, { sharing });

    expect(result).toMatchObject({ ok: false, exitCode: 7 });
    expect(printed(result)).toEqual(['one', 'finally', 'succeeding=0']);
    expect(() => expectSuccess(result)).toThrow(/failed with 7[^]*echo finally/);
  });

  test('what a build leaves in the background is gone after it, and nobody waits for it', async () => {
    const result = await play({ phases: { build: { commands: ['sleep 600 & echo $! > "$CODEBUILD_SRC_DIR/pid"', 'kill -0 $(cat pid) && echo alive'] } } }, { sharing });

    expect(printed(expectSuccess(result))).toEqual(['alive']);
    const pid = Number(fs.readFileSync(path.join(result.sourceDirectory, 'pid'), 'utf8'));
    const commandOf = () => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    expect(fs.existsSync(`/proc/${pid}`) && commandOf()).toBeFalsy(); // a dead process has no command left
  });

  test('a build that takes too long is ended', async () => {
    const phases = { build: { commands: ['sleep 600'], finally: ['echo never'] }, post_build: { commands: ['echo never'] } };
    const result = await play({ phases }, { sharing, timeoutSeconds: 0.5 });

    expect(result.ok).toBe(false);
    expect(printed(result).join()).not.toContain('never');
    expect(result.log).toContain('Build timed out');
  });

  test('no line of a long output is lost', async () => {
    const result = await play({ phases: { build: { commands: ['seq 200000', 'echo end'] } } }, { sharing });

    expect(printed(result)).toHaveLength(200_001);
    expect(printed(result).at(-1)).toBe('end');
  });

  test('a failing install ends the build', async () => {
    const result = await play({
      phases: { install: { commands: ['false'] }, build: { commands: ['echo never'] }, post_build: { commands: ['echo never'] } },
    }, { sharing });

    expect(result.ok).toBe(false);
    expect(result.phases.map(phase => phase.name)).toEqual(['install']);
  });

  test('exported variables have the value the last command gave them', async () => {
    const result = await play({
      env: { 'shell': 'bash', 'exported-variables': ['DIGEST', 'NEVER'] },
      phases: { build: { commands: ['DIGEST=first', 'DIGEST="sha256:12 34"'] } },
    }, { sharing });

    expect(result.exported).toEqual({ DIGEST: 'sha256:12 34', NEVER: '' });
  });

  test('the output of a command stays before the next one', async () => {
    const result = await play({ phases: { build: { commands: Array.from({ length: 20 }, (_, i) => `echo out ${i}; echo err ${i} >&2`) } } }, { sharing });

    const numbers = printed(result).map(line => Number(line.split(' ')[1]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });
});

test('options of a shell end with their command, as in a real build', async () => {
  const phases = { build: { commands: ['set -e', 'false; echo went on'] } };

  expect(printed(await play({ phases }, { sharing: 'carried' }))).toEqual(['went on']);
  expect((await play({ phases }, { sharing: 'one' })).ok).toBe(false);
});

test('the shell is sh unless the buildspec says bash', async () => {
  const commands = ['echo "${BASH_VERSION:-no bash}"'];

  expect(printed(await play({ env: {}, phases: { build: { commands } } }))).toEqual(['no bash']);
  expect(printed(await play({ phases: { build: { commands } } }))).not.toEqual(['no bash']);
});

test('node is the very version of CodeBuild', async () => {
  expect(printed(await play({ phases: { build: { commands: ['node --version'] } } }))).toEqual(['v18.20.8']);
});

test('the environment is a new one, with what CodeBuild sets', async () => {
  process.env.LEAKED = 'from the test';
  const phases = { build: { commands: ['env | sort', 'ls -A "$HOME"'] } };
  const result = await play({ phases }, { sourceVersion: 'abc123', environment: { EXTRA: 'yes' } });

  const environment = Object.fromEntries(printed(result).map(line => line.split('=', 2)));
  expect(environment).toMatchObject({
    AWS_REGION: region, AWS_DEFAULT_REGION: region, CODEBUILD_RESOLVED_SOURCE_VERSION: 'abc123', EXTRA: 'yes', CODEBUILD_BUILD_SUCCEEDING: '1',
  });
  expect(environment.CODEBUILD_BUILD_ARN).toMatch(/^arn:aws:codebuild:eu-west-1:111111111111:build\/Pipeline-Project-\w+:/);
  expect(environment.CODEBUILD_SRC_DIR).toBe(result.sourceDirectory);
  expect(environment).not.toHaveProperty('LEAKED');
});

test('variables come from the buildspec, the project and the action, the later ones winning', async () => {
  const stack = stackWith(
    { env: { variables: { A: 'spec', B: 'spec', C: 'spec' } }, phases: { build: { commands: ['echo "$A $B $C"; echo "$URI $ARN $SPLIT $COMMIT"'] } } },
    [
      { Name: 'B', Type: 'PLAINTEXT', Value: 'project' },
      { Name: 'C', Value: 'project' },
      {
        Name: 'URI',
        Value: {
          'Fn::Join': ['', [
            { 'Fn::Select': [4, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Repository', 'Arn'] }] }] }, '.dkr.ecr.', { Ref: 'AWS::Region' }, '.',
            { Ref: 'AWS::URLSuffix' }, '/', { Ref: 'Repository' },
          ]],
        },
      },
    ],
    {
      'Fn::Join': ['', [
        '[{"name":"C","type":"PLAINTEXT","value":"action"},{"name":"COMMIT","value":"#{Source.CommitId}"},{"name":"ARN","value":"',
        { 'Fn::GetAtt': ['Repository', 'Arn'] }, '"},{"name":"SPLIT","value":"', { 'Fn::Sub': '${AWS::AccountId}-${Repository}-${!raw}' }, '"}]',
      ]],
    },
  );

  const inputs = { More: sourceWith() };
  const result = await playCodeBuild({ stack, aws, action: 'Build', source: sourceWith(), inputs, variables: { 'Source.CommitId': 'abc' } });
  expect(printed(result)).toEqual([
    'spec project action',
    '111111111111.dkr.ecr.eu-west-1.amazonaws.com/api arn:aws:ecr:eu-west-1:111111111111:repository/api 111111111111-api-${raw} abc',
  ]);
});

test('secrets and parameters are read before the build', async () => {
  await aws.client(region, 'secretsmanager', 'create-secret', '--name', 'token', '--secret-string', '{"field":"hidden"}');
  await aws.client(region, 'ssm', 'put-parameter', '--name', '/a/b', '--type', 'SecureString', '--value', 'kept');
  const stack = stackWith(
    { env: { 'parameter-store': { PARAMETER: '/a/b' } }, phases: { build: { commands: ['echo "$SECRET $PARAMETER"'] } } },
    [{ Name: 'SECRET', Type: 'SECRETS_MANAGER', Value: 'token:field' }],
  );

  const result = await playCodeBuild({ stack, aws, project: 'Build/Project', source: sourceWith() });
  expect(printed(result)).toEqual(['hidden kept']);
  expect(aws.calls.map(call => `${call.service}:${call.action}`)).toContain('secretsmanager:GetSecretValue');
});

test('what the play does not know is an error', async () => {
  await expect(play({ phases: { build: { commands: ['true'] } }, batch: {} } as any)).rejects.toThrow('does not know batch');
  const stack = stackWith({ phases: {} }, [{ Name: 'X', Value: { 'Fn::Base64': 'x' } }]);
  await expect(playCodeBuild({ stack, aws, project: 'Project', source: sourceWith() })).rejects.toThrow('does not know Fn::Base64');
  await expect(playCodeBuild({ stack, aws, action: 'Nothing', source: sourceWith() })).rejects.toThrow('there are: Build');
});

test('inputs come whole, or without what a lossy artifact loses', async () => {
  const source = sourceWith({ 'run.sh': '#!/bin/sh\necho runs', 'a b/c': 'c' });
  fs.chmodSync(path.join(source, 'run.sh'), 0o755);
  fs.symlinkSync('run.sh', path.join(source, 'link'));
  fs.mkdirSync(path.join(source, 'empty'));
  const more = sourceWith({ file: 'the second input' });
  const look = ['ls -d *; [ -x run.sh ] && echo executable; [ -L link ] && echo symlink; cat "a b/c"; echo; cat "$CODEBUILD_SRC_DIR_More/file"'];

  const faithful = await play({ phases: { build: { commands: look } } }, { source, inputs: { More: more } });
  expect(printed(faithful)).toEqual(['a b', 'empty', 'link', 'run.sh', 'executable', 'symlink', 'c', 'the second input']);
  const lossy = await play({ phases: { build: { commands: look } } }, { source, inputs: { More: more }, fidelity: 'lossy' });
  expect(printed(lossy)).toEqual(['a b', 'link', 'run.sh', 'c', 'the second input']);
});

test('an action of the endpoint can be denied', async () => {
  const allow = aws.deny('ecr', 'GetAuthorizationToken');
  const commands = ['aws ecr get-login-password'];
  expect(printed(await play({ phases: { build: { commands } } })).join()).toContain('AccessDeniedException');
  allow();
  expect(printed(await play({ phases: { build: { commands } } }))).toEqual(['111111111111-auth-token']);
});
