import { checkCredentials } from '../../../runner/doctor/check-credentials';
import { checkRepository, UsedRepository } from '../../../runner/doctor/check-repository';
import { Access } from '../../../runner/registry/access';
import { Failure } from '../../../runner/report/failure';
import { BuildMachine } from '../testhelpers/build-machine';
import { manifest } from '../testhelpers/manifests';
import { MemoryRegistry } from '../testhelpers/memory-registry';

const ADDRESS = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app';
const CACHE = { repository: ADDRESS, tag: 'cache-app' };

let machine: BuildMachine;
let registry: MemoryRegistry;

beforeEach(() => {
  machine = new BuildMachine('aws');
  registry = new MemoryRegistry();
  mutability('MUTABLE');
});

function mutability(imageTagMutability: string, ...filters: string[]): void {
  const repository = { imageTagMutability, imageTagMutabilityExclusionFilters: filters.map((filter) => ({ filterType: 'WILDCARD', filter })) };
  machine.tell('aws', { 'ecr describe-repositories *': { stdout: JSON.stringify({ repositories: [repository] }) } });
}

async function found(used: Partial<UsedRepository> = {}, client: () => Promise<MemoryRegistry> = async () => registry): Promise<string[]> {
  const access = { client, env: machine.env } as unknown as Access;
  const findings = await checkRepository({ address: ADDRESS, tags: ['v1'], caches: [CACHE], ...used }, access);
  return findings.map(({ result, check, text }) => `${result} ${check}: ${text}`);
}

function keep(tag: string, values: object = {}): void {
  const { body, type } = manifest(values);
  registry.keep(body, type, tag);
}

test('a repository that is there is fine, with the number of images and the size and time of the cache', async () => {
  keep('v1');
  keep('cache-app', { layers: [{ digest: 'sha256:a', size: 36_800_000 }], annotations: { 'org.opencontainers.image.created': '2026-11-20T10:12:13Z' } });
  expect(await found({ tags: ['v1', 'v2'] })).toEqual([
    `ok repository: ${ADDRESS} is there, with 1 of 2 images of the app`, 'ok cache tags: team/app lets cache-app be set again', 'ok layer cache: cache-app: 36.8 MB, written 2026-11-20 10:12 UTC',
  ]);
  expect(machine.argumentsOf('aws')).toEqual([['ecr', 'describe-repositories', '--repository-names', 'team/app', '--registry-id', '123456789012', '--region', 'eu-central-1', '--output', 'json']]);
});

test('a cache that is not there yet is fine', async () => {
  expect((await found()).at(-1)).toBe('ok layer cache: cache-app is not there yet; the next build that pushes writes it');
});

test('a repository without a cache is not asked for its tags', async () => {
  expect(await found({ caches: [] })).toEqual([`ok repository: ${ADDRESS} is there, with 0 of 1 image of the app`]);
  expect(machine.calls('aws')).toEqual([]);
});

test.each([
  ['MUTABLE', [], true], ['IMMUTABLE', [], false], ['IMMUTABLE_WITH_EXCLUSION', ['cache-*'], true], ['IMMUTABLE_WITH_EXCLUSION', ['latest', '*-app'], true],
  ['IMMUTABLE_WITH_EXCLUSION', ['cache-'], false], ['IMMUTABLE_WITH_EXCLUSION', ['c.che-*'], false], ['MUTABLE_WITH_EXCLUSION', ['cache-*'], false], ['MUTABLE_WITH_EXCLUSION', ['v*'], true],
])('tags that are %s, but for %j, can be set again: %s', async (kind, filters, isFine) => {
  mutability(kind, ...filters);
  expect((await found())[1]).toBe(isFine ? 'ok cache tags: team/app lets cache-app be set again' : 'problem cache tags: team/app has immutable tags, so cache-app is written once and never again');
});

test.each([
  ['is denied', { 'ecr *': { code: 255, stderr: 'AccessDeniedException: not you\n' } }, 'AccessDeniedException: not you'],
  ['is answered with something else', { 'ecr *': { stdout: '[]' } }, 'the AWS CLI does not say it'],
  ['is answered with no JSON', { 'ecr *': { stdout: 'hello' } }, 'the AWS CLI does not say it'],
])('whether tags are immutable can only be a warning when it %s', async (_, answers, reason) => {
  machine.tell('aws', answers);
  expect((await found())[1]).toBe(`warning cache tags: nobody can say whether team/app lets tags of layer caches be set again: ${reason}`);
});

test('a registry that is not of Amazon ECR is not asked', async () => {
  expect((await found({ address: 'registry.example.com/app' }))[1]).toMatch(/^warning cache tags: .* it is no repository of Amazon ECR$/);
});

test.each([
  ['is not there', new Failure('the repository x does not exist; deploy it'), 'problem repository: the repository x does not exist; deploy it'],
  ['denies it', new Failure('the registry denies access to x'), 'problem repository: the registry denies access to x'],
])('a repository that %s is a problem, and nothing more is asked for', async (_, failure, text) => {
  expect(await found({}, async () => { throw failure; })).toEqual([text]);
  registry.failures['manifest v1'] = failure;
  expect(await found()).toEqual([text]);
  expect(machine.calls('aws')).toEqual([]);
});

test('a manifest that is none counts as a cache of no size', async () => {
  registry.keep(Buffer.from('none'), 'text/plain', 'cache-app');
  expect((await found()).at(-1)).toBe('ok layer cache: cache-app: 0.00 MB');
});

describe('credentials', () => {
  const said = async () => {
    const { result, text, todo } = await checkCredentials(machine.env);
    return [result, text, todo];
  };

  test('are fine when AWS says who it is', async () => {
    machine.tell('aws', { 'sts *': { stdout: 'arn:aws:iam::123456789012:user/dev\n' } });
    expect(await said()).toEqual(['ok', 'arn:aws:iam::123456789012:user/dev', undefined]);
  });

  test.each([
    [{ code: 255, stderr: 'Unable to locate credentials\n' }, 'there are no credentials for AWS: Unable to locate credentials'],
    [{ stdout: 'hello\x1b[2J\n' }, 'there are no credentials for AWS: the AWS CLI does not say who you are'],
  ])('that AWS does not know are a problem', async (answer, text) => {
    machine.tell('aws', { 'sts *': answer });
    expect(await said()).toEqual(['problem', text, 'sign in (`aws sso login`), or set AWS_PROFILE']);
  });

  test('are a warning without the AWS CLI, since a credential helper may be enough', async () => {
    machine.remove('aws');
    expect(await said()).toEqual(['warning', 'there is no AWS CLI on the PATH, so nobody can say who you are for AWS', expect.stringContaining('docker-credential-ecr-login')]);
  });
});
