import { App, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { CacheMode, LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { Engine, EngineOptions } from '../../engines/engine';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { Registry } from '../../registry/registry';
import { Lab } from '../../world/lab';

// BuildKit loads the results of all steps below with the one that a build needs, and in an engine each layer of each of them is slow. So the runner writes the
// configuration of the cache again, in a form in which no result leads to another one. That has to make builds faster, and must not make a single step run.

const home = { account: '111111111111', region: 'eu-west-1' };
const host = Registry.ecrHost(home);
const WARNING = 'WARNING: the layer cache stays as BuildKit wrote it';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
}, 600_000);

afterAll(async () => lab.stop());

/** An app whose report is built from a Dockerfile of the test, with a repository for its cache. */
class CachedApp {
  private readonly app: ExampleApp;

  constructor(public readonly caches: string, private readonly dockerfile: () => string[], mode = CacheMode.MAX) {
    lab.registry.createRepository(home, caches);
    const repository = Repository.fromRepositoryName(new Stack(new App(), 'Elsewhere', { env: home }), 'Repository', caches);
    this.app = new ExampleApp(lab, { name: `Import${caches}`, cache: () => LayerCache.registry({ repository, mode }) });
  }

  /** Builds on a new machine. */
  public async build(source: string, engine?: EngineOptions): Promise<ExampleBuild> {
    this.app.write('report/Dockerfile', [...this.dockerfile(), ''].join('\n'));
    this.app.changeSource('Report', source);
    const machine = engine && await Engine.fresh(engine);
    try {
      return expectSuccess(await this.app.build('Report', machine && { buildKit: null, environment: { PATH: machine.environment.PATH } })) as ExampleBuild;
    } finally {
      await machine?.wipe();
    }
  }

  /** How many results would be loaded with others, which come from their steps. */
  public async resultsThatLeadToOthers(): Promise<number> {
    const tag = (await lab.registry.tags(host, this.caches)).find((name) => !name.endsWith('_record'))!;
    const { manifest } = await lab.registry.manifest(`${host}/${this.caches}:${tag}`);
    const { records } = JSON.parse((await lab.registry.blob(host, this.caches, manifest.config.digest)).toString()) as { records: CacheRecord[] };
    const below = new Set(records.filter(({ layers }) => layers).flatMap(({ inputs = [] }) => inputs.flat().map(({ link }) => link)));
    for (const index of below) (records[index].inputs ?? []).flat().forEach(({ link }) => below.add(link));
    return [...below].filter((index) => records[index].layers).length;
  }
}

interface CacheRecord {
  readonly layers?: readonly object[];
  readonly inputs?: readonly (readonly { readonly link: number }[])[];
}

/** The steps that the log of a build has without the word CACHED. */
function stepsThatRan({ log }: ExampleBuild): string[] {
  const names = new Map([...log.matchAll(/^#(\d+) \[(?:[^\]]* )?\d+\/\d+\] ((?:RUN|COPY) .*)$/gm)].map(([, number, name]) => [number, name]));
  const cached = new Set([...log.matchAll(/^#(\d+) CACHED$/gm)].map(([, number]) => names.get(number)));
  return [...new Set(names.values())].filter((name) => !cached.has(name)).sort();
}

function seconds({ report }: ExampleBuild): number {
  return Number(/build ([\d.]+) s/.exec(report.time)![1]);
}

test('with 30 steps, a source change on an engine like CodeBuild\'s takes less than half as long', async () => {
  const versions = Array(30).fill('1');
  const app = new CachedApp('layers', () => [
    'FROM docker.io/library/busybox:stable', ...versions.map((version, index) => `RUN echo ${version} >/step${index}`), 'COPY --link src /srv/',
  ]);
  const engine: EngineOptions = { suite: 'sid', store: 'overlay2' };

  // The runner cannot read what BuildKit has written.
  const end = lab.registry.fault({ host, method: /^GET$/, url: /\/layers\/manifests\/cache-[^_]*$/ }, { kind: 'refuse', status: 403 });
  const first = await app.build('first', engine);
  expect(end()).toBeGreaterThan(0);
  expect(first.report).toMatchObject({ builder: expect.stringContaining('beside'), steps: '0 cached, 31 run', cacheWritten: 'yes' });
  expect(first.log.split(WARNING)).toHaveLength(2);
  expect(await app.resultsThatLeadToOthers()).toBeGreaterThanOrEqual(29);
  const plain = await app.build('with the cache of BuildKit', engine);
  expect(plain.report.steps).toBe('30 cached, 1 run');

  versions[29] = '2';
  const changed = await app.build('with another last step', engine);
  expect(changed.report).toMatchObject({ steps: '29 cached, 2 run', cacheWritten: 'yes' });
  expect(changed.log).not.toContain('WARNING');
  expect(await app.resultsThatLeadToOthers()).toBe(0);
  const forked = await app.build('with the cache that was written again', engine);
  expect(forked.report.steps).toBe('30 cached, 1 run');
  expect(seconds(forked)).toBeLessThan(seconds(plain) / 2);
}, 300_000);

describe('a team whose builds run on machines of several kinds', () => {
  const state = { tools: '1', make: '1', base: '1', check: '1' };
  // Both stages and two copies begin with the same, so BuildKit comes to it from several ends.
  const dockerfile = () => [
    'FROM docker.io/library/busybox:stable AS tools',
    `RUN echo ${state.tools} >/version`,
    'COPY requirements.txt /wanted',
    `RUN echo ${state.make} >/tool`,
    'FROM docker.io/library/busybox:stable',
    `RUN echo ${state.base} >/base`,
    'COPY requirements.txt /list',
    'COPY --from=tools /tool /tool',
    `RUN echo ${state.check}; cat /tool >/checked`,
    'COPY --link src /srv/',
  ];
  const SOURCE = ['COPY --link src /srv/'];
  const LAST = ['COPY requirements.txt /list', 'COPY --from=tools /tool /tool', 'RUN echo 1; cat /tool >/checked'];
  const KINDS: readonly (EngineOptions | undefined)[] = [{ suite: 'sid', store: 'containerd' }, undefined, { suite: 'trixie', store: 'containerd' }];

  test('runs what has changed and what comes after it, and nothing else', async () => {
    const app = new CachedApp('max', dockerfile);
    const history: readonly (readonly [Partial<typeof state>, string[]])[] = [
      [{}, ['RUN echo 1 >/version', 'COPY requirements.txt /wanted', 'RUN echo 1 >/tool', 'RUN echo 1 >/base', ...LAST]],
      [{ check: '2' }, ['RUN echo 2; cat /tool >/checked']],
      [{ make: '2' }, ['RUN echo 2 >/tool', 'COPY --from=tools /tool /tool', 'RUN echo 2; cat /tool >/checked']],
      [{ tools: '2' }, ['RUN echo 2 >/version', 'COPY requirements.txt /wanted', 'RUN echo 2 >/tool']], // makes the same tool
      [{ base: '2' }, ['RUN echo 2 >/base', 'COPY requirements.txt /list', 'COPY --from=tools /tool /tool', 'RUN echo 2; cat /tool >/checked']],
    ];
    for (const [index, [change, steps]] of history.entries()) {
      Object.assign(state, change);
      const done = await app.build(`${index}`, KINDS[index % KINDS.length]);
      expect({ index, steps: stepsThatRan(done) }).toEqual({ index, steps: [...SOURCE, ...steps].sort() });
      expect(done.log).not.toContain('WARNING');
      expect(await app.resultsThatLeadToOthers()).toBe(0);
    }
  }, 300_000);

  test('finds the layers of the last stage, which is all that CacheMode.MIN keeps, each time', async () => {
    Object.assign(state, { tools: '1', make: '1', base: '1', check: '1' });
    const app = new CachedApp('min', dockerfile, CacheMode.MIN);
    await app.build('first');
    Object.assign(state, { check: '2' });
    await app.build('another check');
    for (const source of ['second', 'third']) expect(stepsThatRan(await app.build(source))).toEqual(SOURCE);
  }, 300_000);
});
