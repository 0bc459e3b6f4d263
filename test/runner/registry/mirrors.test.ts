import * as fs from 'fs';
import { MirrorSettings } from '../../../lib/plan/step-settings';
import { MirrorFailure, Mirrors } from '../../../runner/registry/mirrors';
import { collectedLog } from '../testhelpers/collected-log';
import { LocalRegistry } from '../testhelpers/local-registry';
import { quickPauses } from '../testhelpers/quick-pauses';
import { temporaryWork } from '../testhelpers/work-directory';

const HUB = { upstream: 'docker.io', endpoint: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/docker-hub' };
const ALL = [HUB, { upstream: 'ghcr.io', endpoint: 'mirror.example.com:5000' }, { upstream: 'quay.io', endpoint: 'mirror.example.org/quay.io' }];

let lines: string[];

function mirrorsOf(settings: MirrorSettings): Mirrors {
  const collected = collectedLog();
  lines = collected.lines;
  return new Mirrors(settings, temporaryWork(), collected.log);
}

/** The rules that BuildKit gets, as [from, to]; undefined for none. */
function rulesOf({ environment }: Mirrors): [string, string][] | undefined {
  const file = environment.EXPERIMENTAL_BUILDKIT_SOURCE_POLICY;
  if (file === undefined) return undefined;
  const { rules } = JSON.parse(fs.readFileSync(file, 'utf8')) as { rules: { selector: { identifier: string }; updates: { identifier: string } }[] };
  return rules.map((rule) => {
    expect(rule).toEqual({ action: 'CONVERT', selector: { identifier: expect.any(String) }, updates: { identifier: expect.any(String) } });
    return [rule.selector.identifier, rule.updates.identifier];
  });
}

test('without mirrors there is no policy, no report and nothing to ask', async () => {
  const mirrors = mirrorsOf({});
  await mirrors.ask();
  expect(mirrors.environment).toEqual({});
  expect(mirrors.report).toBeUndefined();
  expect(mirrors.areRequired).toBe(false);
  expect(mirrors.mirrored('python')).toBe('python');
  expect(lines).toEqual([]);
});

test('the images of each registry are taken from its mirror', () => {
  expect(rulesOf(mirrorsOf({ mirrors: ALL }))).toEqual([
    ['docker-image://docker.io/*', `docker-image://${HUB.endpoint}/\${1}`],
    ['docker-image://ghcr.io/*', 'docker-image://mirror.example.com:5000/${1}'],
    ['docker-image://quay.io/*', 'docker-image://mirror.example.org/quay.io/${1}'],
  ]);
});

test('the policy has one file for all solves, as long as nothing changes', () => {
  const mirrors = mirrorsOf({ mirrors: ALL });
  expect(mirrors.environment).toEqual(mirrors.environment);
});

describe('a mirror that is given up', () => {
  test('is said, and the others are still used', () => {
    const mirrors = mirrorsOf({ mirrors: ALL });
    mirrors.giveUp('it does not answer', [HUB]);
    expect(lines).toEqual([`WARNING: the mirror ${HUB.endpoint} of docker.io failed, base images come from docker.io itself: it does not answer`]);
    expect(rulesOf(mirrors)!.map(([from]) => from)).toEqual(['docker-image://ghcr.io/*', 'docker-image://quay.io/*']);
    expect(mirrors.report).toBe('docker.io itself, since its mirror failed, ghcr.io by mirror.example.com:5000, quay.io by mirror.example.org/quay.io');
  });

  test('leaves solves that have begun what they were told', () => {
    const mirrors = mirrorsOf({ mirrors: ALL });
    const { EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: file } = mirrors.environment;
    mirrors.giveUp('x', [HUB]);
    expect(rulesOf(mirrors)).toHaveLength(2);
    expect((JSON.parse(fs.readFileSync(file, 'utf8')) as { rules: [] }).rules).toHaveLength(3);
  });

  test('can be all of them, and then no policy is asked for', () => {
    const mirrors = mirrorsOf({ mirrors: ALL });
    mirrors.giveUp('x');
    expect(mirrors.environment).toEqual({});
    expect(mirrors.inUse).toEqual([]);
    expect(lines).toHaveLength(3);
    mirrors.giveUp('x');
    expect(lines).toHaveLength(3);
  });

  test('fails the build where it has to be there', () => {
    const mirrors = mirrorsOf({ mirrors: ALL, mirrorsRequired: true });
    expect(() => mirrors.giveUp('it is old')).toThrow(MirrorFailure);
    expect(() => mirrors.giveUp('it is old')).toThrow(`the mirror ${HUB.endpoint} of docker.io failed, and the builder was declared with fallbackToUpstream: false: it is old`);
    expect(lines).toEqual([]);
    expect(mirrors.inUse).toHaveLength(3);
  });
});

test('the report says from which mirrors base images came', () => {
  expect(mirrorsOf({ mirrors: ALL.slice(0, 2) }).report).toBe(`docker.io by ${HUB.endpoint}, ghcr.io by mirror.example.com:5000`);
});

test.each([
  ['moby/buildkit:v1', `${HUB.endpoint}/moby/buildkit:v1`],
  ['buildkit', `${HUB.endpoint}/library/buildkit`],
  ['docker.io/moby/buildkit@sha256:0', `${HUB.endpoint}/moby/buildkit@sha256:0`],
  ['ghcr.io/team/buildkit:1', 'mirror.example.com:5000/team/buildkit:1'],
  ['localhost:5000/moby/buildkit:v1', 'localhost:5000/moby/buildkit:v1'],
  ['localhost/moby/buildkit:v1', 'localhost/moby/buildkit:v1'],
  ['public.ecr.aws/vend/moby/buildkit:v1', 'public.ecr.aws/vend/moby/buildkit:v1'],
])('the image %s comes from %s', (image, expected) => {
  const mirrors = mirrorsOf({ mirrors: ALL });
  expect(mirrors.mirrored(image)).toBe(expected);
  mirrors.giveUp('x');
  expect(mirrors.mirrored(image)).toBe(image);
});

describe('a mirror that is asked before it is used', () => {
  let registry: LocalRegistry;
  let mirror: { upstream: string; endpoint: string };

  beforeAll(async () => {
    registry = await LocalRegistry.start();
    process.env.SSL_CERT_FILE = registry.certificate;
    process.env.no_proxy = '*';
    mirror = { upstream: 'docker.io', endpoint: `${registry.host}/docker-hub` };
  });

  beforeEach(() => {
    registry.reset();
    quickPauses(1000);
  });

  afterAll(async () => registry.stop());

  test.each([200, 401, 403, 404, 429])('is used whatever it answers, such as HTTP %d', async (status) => {
    registry.answers = [{ status }, { status }];
    const mirrors = mirrorsOf({ mirrors: [mirror] });
    await mirrors.ask();
    expect(mirrors.inUse).toEqual([mirror]);
    expect(registry.requests[0]).toMatchObject({ method: 'GET', url: '/v2/' });
    expect(registry.requests[0].headers.authorization).toBeUndefined();
    expect(lines).toEqual([]);
  });

  test('may answer badly once', async () => {
    registry.answers = [{ status: 503 }, { status: 401 }];
    const mirrors = mirrorsOf({ mirrors: [mirror] });
    await mirrors.ask();
    expect(mirrors.inUse).toEqual([mirror]);
  });

  test('is given up when it has an error, and the others are not', async () => {
    registry.answers = [{ status: 500 }, { status: 502 }];
    const mirrors = mirrorsOf({ mirrors: [mirror] });
    await mirrors.ask();
    expect(mirrors.inUse).toEqual([]);
    expect(lines).toEqual([`WARNING: the mirror ${mirror.endpoint} of docker.io failed, base images come from docker.io itself: it answers with HTTP 502`]);
  });

  test('is given up when nobody answers, and the others are not', async () => {
    registry.answers = [{ status: 401 }];
    const mirrors = mirrorsOf({ mirrors: [mirror, { upstream: 'ghcr.io', endpoint: '127.0.0.1:1' }] });
    await mirrors.ask();
    expect(mirrors.inUse).toEqual([mirror]);
    expect(lines).toEqual(['WARNING: the mirror 127.0.0.1:1 of ghcr.io failed, base images come from ghcr.io itself: connect ECONNREFUSED 127.0.0.1:1']);
  });

  test.each<[string, number | undefined]>([['has an error', 500], ['does not answer', undefined]])('and %s fails the build where it has to be there', async (_, status) => {
    registry.answers = [{ status: status! }, { status: status! }];
    const mirrors = mirrorsOf({ mirrors: [status === undefined ? { upstream: 'docker.io', endpoint: '127.0.0.1:1' } : mirror], mirrorsRequired: true });
    await expect(mirrors.ask()).rejects.toThrow(/^the mirror \S+ of docker\.io failed, and the builder was declared with fallbackToUpstream: false: (it answers with HTTP 500|connect ECONNREFUSED .*)$/);
  });

  // The last one, since its questions may arrive late.
  test('is given up when it takes a question and never answers', async () => {
    quickPauses(1000, 10_000);
    registry.answers = [() => undefined, () => undefined];
    const mirrors = mirrorsOf({ mirrors: [mirror] });
    await mirrors.ask();
    expect(lines).toEqual([`WARNING: the mirror ${mirror.endpoint} of docker.io failed, base images come from docker.io itself: it did not answer for 10 seconds`]);
  });
});
