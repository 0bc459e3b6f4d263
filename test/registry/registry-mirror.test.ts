import { Lazy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DockerBuilder, LayerCache, MirrorOptions, RegistryMirror } from '../../lib';
import { TestPipeline } from '../testhelpers/test-pipeline';

const mirror = () => RegistryMirror.of({ upstream: 'docker.io', endpoint: 'mirror.example.com/docker-hub' });

describe.each<[string, (options: MirrorOptions) => DockerBuilder]>([
  ['DockerBuilder.buildkit()', (options) => DockerBuilder.buildkit(options)],
  ['DockerBuilder.dockerEngine()', (options) => DockerBuilder.dockerEngine(options)],
])('%s', (name, builder) => {
  const synthesize = (options: MirrorOptions) => new TestPipeline().synthesizeStep({ builder: builder(options), layerCache: LayerCache.none() });

  test('gives its mirrors to the build', () => {
    const { settings } = synthesize({ mirrors: [mirror(), RegistryMirror.of({ upstream: 'mcr.microsoft.com', endpoint: 'registry.example.com:5000' })] });
    expect(settings.builder.mirrors).toEqual([
      { upstream: 'docker.io', endpoint: 'mirror.example.com/docker-hub' },
      { upstream: 'mcr.microsoft.com', endpoint: 'registry.example.com:5000' },
    ]);
    expect(settings.builder).not.toHaveProperty('mirrorsRequired');
  });

  test('can demand that they work', () => {
    expect(synthesize({ mirrors: [mirror()], fallbackToUpstream: false }).settings.builder.mirrorsRequired).toBe(true);
    expect(synthesize({ mirrors: [mirror()], fallbackToUpstream: true }).settings.builder).not.toHaveProperty('mirrorsRequired');
  });

  test('has none by default', () => {
    const { settings } = synthesize({});
    expect(Object.keys(settings)).toEqual(['version', 'layerCache', 'builder', 'metrics']);
    expect(settings.builder).not.toHaveProperty('mirrors');
  });

  test('fails when there are two mirrors of one registry', () => {
    expect(() => builder({ mirrors: [mirror(), RegistryMirror.of({ upstream: 'docker.io', endpoint: 'other.example.com' })] }))
      .toThrow(`${name}: there are two mirrors of docker.io; a registry takes one`);
  });

  test('fails when a mirror has a mirror', () => {
    expect(() => builder({ mirrors: [mirror(), RegistryMirror.of({ upstream: 'mirror.example.com', endpoint: 'other.example.com' })] }))
      .toThrow(`${name}: the mirror mirror.example.com/docker-hub of docker.io has a mirror itself; name the last one only`);
    expect(() => builder({ mirrors: [mirror(), RegistryMirror.of({ upstream: 'quay.io', endpoint: 'index.docker.io/copies' })] }))
      .toThrow(`${name}: the mirror index.docker.io/copies of quay.io has a mirror itself; name the last one only`);
  });

  test('fails when mirrors have to work and there are none', () => {
    expect(() => builder({ mirrors: [], fallbackToUpstream: false }))
      .toThrow(`${name}: fallbackToUpstream is for builds with mirrors, and there are none; give mirrors, or leave it out`);
  });
});

describe('a mirror in Amazon ECR', () => {
  const resources = (endpoint: string, repositoryNames: string[]) => RegistryMirror.of({ upstream: 'docker.io', endpoint, repositoryNames })._access!.statements
    .flatMap((statement) => statement.resources.map((resource) => resource.replace(/^.*:repository/, 'repository')));
  const root = '222222222222.dkr.ecr.eu-west-1.amazonaws.com';

  test.each([
    [root, ['library/*', 'team/base'], ['repository/library/*', 'repository/team/base']],
    [`${root}/hub`, ['library/python', 'library-*'], ['repository/hub/library/python', 'repository/hub/library-*']],
  ])('is pulled from in the repositories that are named: %s, %j', (endpoint, names, expected) => {
    expect(resources(endpoint, names)).toEqual(expected);
  });

  test('fails without a path and names, since the build could pull from every repository of the account', () => {
    expect(() => RegistryMirror.of({ upstream: 'docker.io', endpoint: root })).toThrow(
      "RegistryMirror.of(): a mirror without a path would let builds pull from every repository of the registry; give repositoryNames, for example ['library/*']");
  });

  test.each([[[]], [['*']], [['']], [['/library']], [['library/*/python']], [['Library/*']], [['a', '**']], [['a?']], [[Lazy.string({ produce: () => 'late' })]]])('fails for the names %j', (names) => {
    expect(() => resources(root, names)).toThrow(/^RegistryMirror\.of\(\): repositoryNames takes names of repositories, known at synthesis, with a star at the end for all that begin so, got \[/);
  });

  test('has names of repositories alone', () => {
    expect(() => RegistryMirror.of({ upstream: 'docker.io', endpoint: 'mirror.example.com', repositoryNames: ['library/*'] })).toThrow(
      'RegistryMirror.of(): repositoryNames are for Amazon ECR, and the endpoint is "mirror.example.com"; leave them out');
  });
});

describe('a mirror', () => {
  test('that is open to everybody needs no login and no permission', () => {
    const [bare, mirrored] = [{}, { mirrors: [mirror()] }]
      .map((options) => new TestPipeline().synthesizeStep({ builder: DockerBuilder.buildkit(options) }));
    expect(mirrored.statements).toEqual(bare.statements);
    expect(mirrored.buildSpec).toEqual(bare.buildSpec);
    expect(Object.keys(mirrored.environment)).toEqual(Object.keys(bare.environment));
  });

  test.each([
    ['222222222222.dkr.ecr.eu-west-1.amazonaws.com/mirror/hub', 'repository/mirror/hub/*'],
    ['222222222222.dkr-ecr.eu-west-1.on.aws/hub', 'repository/hub/*'],
  ])('in Amazon ECR is pulled from with the role of the build: %s', (endpoint, repositories) => {
    const { settings, statements } = new TestPipeline().synthesizeStep({
      builder: DockerBuilder.buildkit({ mirrors: [RegistryMirror.of({ upstream: 'docker.io', endpoint })] }),
    });
    expect(settings.ecrHosts).toEqual([endpoint.split('/')[0]]);
    expect(settings).not.toHaveProperty('logins');
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:ecr:eu-west-1:222222222222:${repositories}`]] },
    });
  });

  test('with credentials is logged in to with what a secret holds', () => {
    const test = new TestPipeline();
    const credentials = secretsmanager.Secret.fromSecretNameV2(test.stack, 'Credentials', 'mirror');
    const mirrors = [RegistryMirror.of({ upstream: 'docker.io', endpoint: 'mirror.example.com:5000/hub', credentials, passwordField: 'token' })];
    const { project, settings } = test.synthesizeStep({ builder: DockerBuilder.buildkit({ mirrors }) });
    expect(settings.logins).toEqual([{ host: 'mirror.example.com:5000', usernameVariable: 'REGISTRY_USERNAME_0', passwordVariable: 'REGISTRY_PASSWORD_0' }]);
    expect(settings).not.toHaveProperty('ecrHosts');
    expect(project.Environment.EnvironmentVariables).toEqual(expect.arrayContaining([
      { Name: 'REGISTRY_USERNAME_0', Type: 'SECRETS_MANAGER', Value: 'mirror:username' },
      { Name: 'REGISTRY_PASSWORD_0', Type: 'SECRETS_MANAGER', Value: 'mirror:token' },
    ]));
  });

  test('says what it is a mirror of, and where', () => {
    expect(mirror()).toMatchObject({ upstream: 'docker.io', endpoint: 'mirror.example.com/docker-hub' });
  });
});

describe('RegistryMirror.of() fails', () => {
  const late = Lazy.string({ produce: () => 'late' });

  test.each(['index.docker.io', 'registry-1.docker.io', 'hub.docker.com'])('for an upstream that no image names: %s', (upstream) => {
    expect(() => RegistryMirror.of({ upstream, endpoint: 'mirror.example.com' }))
      .toThrow(`RegistryMirror.of(): upstream must be the registry as images name it, got "${upstream}"; use 'docker.io'`);
  });

  test.each(['', 'docker', 'https://ghcr.io', 'ghcr.io/team', 'GHCR.io', 'ghcr.io ', 'a=b.c', '*.io', late])('for an upstream that is no registry: %j', (upstream) => {
    expect(() => RegistryMirror.of({ upstream, endpoint: 'mirror.example.com' }))
      .toThrow(`RegistryMirror.of(): upstream must be a registry without path, known at synthesis, got ${JSON.stringify(upstream)}; for example 'docker.io' or 'registry.example.com:5000'`);
  });

  test.each(['', 'mirror', 'https://mirror.example.com', 'mirror.example.com/', 'mirror.example.com/A', 'mirror.example.com/a b', 'mirror.example.com/${1}', 'mirror.example.com/a:1', 'mirror.example.com:0', 'mirror.example.com:65536/a', late])(
    'for an endpoint that no image can be below: %j', (endpoint) => {
      expect(() => RegistryMirror.of({ upstream: 'docker.io', endpoint }))
        .toThrow(`RegistryMirror.of(): endpoint must be a registry, with or without a path, known at synthesis, got ${JSON.stringify(endpoint)}; for example 'mirror.example.com' or 'registry.example.com/docker-hub'`);
    });

  test.each([['ghcr.io', 'ghcr.io/team/mirror'], ['docker.io', 'registry-1.docker.io']])('for a mirror of %s in the registry itself', (upstream, endpoint) => {
    expect(() => RegistryMirror.of({ upstream, endpoint }))
      .toThrow(`RegistryMirror.of(): the endpoint "${endpoint}" is in the registry that it is to be a mirror of; use another registry`);
  });

  test('for fields of no secret', () => {
    expect(() => RegistryMirror.of({ upstream: 'ghcr.io', endpoint: 'mirror.example.com', usernameField: 'user' }))
      .toThrow('RegistryMirror.of(): usernameField and passwordField are fields of the credentials, which are missing; give the secret too');
  });

  test('for a secret for Amazon ECR', () => {
    const credentials = secretsmanager.Secret.fromSecretNameV2(new TestPipeline().stack, 'Credentials', 'mirror');
    expect(() => RegistryMirror.of({ upstream: 'ghcr.io', endpoint: '222222222222.dkr.ecr.eu-west-1.amazonaws.com/github', credentials }))
      .toThrow('RegistryMirror.of(): 222222222222.dkr.ecr.eu-west-1.amazonaws.com takes no login from a secret, since Amazon ECR lets in the role of the build; leave the secret out, or use RegistryLogin.ecr()');
  });
});
