import { App, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { LayerCache } from '../../../../lib';
import { ExampleApp } from '../../apps/example-app';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { Registry } from '../../registry/registry';
import { Lab } from '../../world/lab';

// A cache is not written when all that a build has run are the last copies. Here a team goes through changes of all kinds, on two branches, and next to it another
// team whose builds write their cache each time: no step may run in the first one that did not have to run in the second one.

const home = { account: '111111111111', region: 'eu-west-1' };

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
}, 600_000);

afterAll(async () => lab.stop());

interface Branch {
  readonly app: ExampleApp;
  readonly dockerfile: { tools: string; packages: string; command: string };
}

class Team {
  public readonly main: Branch;
  public readonly feature: Branch;
  public built = 0;
  public written = 0;

  constructor(private readonly name: string, private readonly writesEachTime: boolean) {
    lab.registry.createRepository(home, name);
    const repository = Repository.fromRepositoryName(new Stack(new App(), 'Elsewhere', { env: home }), 'Repository', name);
    const branch = (scope: string, fallbackScopes: string[]): Branch => ({
      app: new ExampleApp(lab, { name: `${name}-${scope}`, cache: () => LayerCache.registry({ repository, scope, fallbackScopes }) }),
      dockerfile: { tools: '1', packages: '1', command: '1' },
    });
    this.main = branch('main', []);
    this.feature = branch('feature', ['main']);
  }

  /** The steps that a build on a new machine has to run, the last copies aside. */
  public async build({ app, dockerfile: { tools, packages, command } }: Branch): Promise<string[]> {
    app.write('report/Dockerfile', [
      'FROM docker.io/library/busybox:stable AS tools',
      `RUN echo ${tools} >/tools`,
      'FROM docker.io/library/busybox:stable AS packages',
      'COPY requirements.txt /',
      `RUN mkdir /packages && cp /requirements.txt /packages/${packages}`,
      'FROM docker.io/library/busybox:stable',
      'COPY --from=tools /tools /usr/local/tools',
      'RUN ls -l /usr/local/tools',
      'COPY --from=packages /packages /srv/packages/',
      'COPY src /srv/',
      `CMD ["${command}"]`,
    ].join('\n'));
    if (this.writesEachTime) await this.forget();
    const done = await app.build('Report');
    expectSuccess(done);
    if (done.report.result === 'built') this.built++;
    if (done.report.cacheWritten === 'yes') this.written++;
    return stepsThatRan(done.log).filter((step) => !step.includes('COPY src') && !step.includes('LINK') && !step.includes('COPY --link src'));
  }

  private async forget(): Promise<void> {
    const host = Registry.ecrHost(home);
    for (const tag of await lab.registry.tags(host, this.name)) {
      if (!tag.endsWith('_record')) continue;
      const { digest } = await lab.registry.manifest(`${host}/${this.name}:${tag}`);
      await lab.registry.direct(host, `/v2/${this.name}/manifests/${digest}`, { method: 'DELETE' });
    }
  }
}

/** The steps that the log of a build has without the word CACHED. */
function stepsThatRan(log: string): string[] {
  const names = new Map([...log.matchAll(/^#(\d+) (\[(?:[^\]]* )?\d+\/\d+\] (?!FROM ).*)$/gm)].map(([, number, name]) => [number, name]));
  const cached = new Set([...log.matchAll(/^#(\d+) CACHED$/gm)].map(([, number]) => names.get(number)));
  return [...new Set(names.values())].filter((name) => !cached.has(name)).map((name) => name.replace('COPY --link ', 'COPY ')).sort();
}

type Change = (branch: Branch, marker: string) => void;

const source: Change = ({ app }, marker) => app.changeSource('Report', marker);
const dependency: Change = ({ app }, marker) => app.changeDependency('Report', marker.length % 2 === 0 ? '1.0.0' : '2.0.0');
const tools: Change = ({ dockerfile }, marker) => { dockerfile.tools = marker; };
const packages: Change = ({ dockerfile }, marker) => { dockerfile.packages = marker; };
const command: Change = ({ dockerfile }, marker) => { dockerfile.command = marker; };

const HISTORY: readonly (readonly ['main' | 'feature', readonly Change[]])[] = [
  ['main', [source]],
  ['main', [source]],
  ['feature', [source]],
  ['feature', [source]],
  ['main', [dependency]],
  ['main', [source]],
  ['feature', [source, dependency]],
  ['main', [tools]],
  ['feature', [tools]],
  ['feature', [source]],
  ['main', [packages, source]],
  ['main', [command]],
  ['feature', [packages]],
  ['main', [tools, dependency]],
  ['feature', [source]],
  ['feature', [dependency, tools]],
  ['feature', [source]],
];

test('a cache that is written when it has to be spares every step that one written each time spares', async () => {
  const teams = [new Team('spares', false), new Team('writes', true)] as const;
  for (const [index, [name, changes]] of HISTORY.entries()) {
    const [ran, needed] = [[], []] as [string[], string[]];
    for (const [team, steps] of [[teams[0], ran], [teams[1], needed]] as const) {
      const branch = team[name];
      changes.forEach((change) => change(branch, `${name}-${index}`));
      steps.push(...await team.build(branch));
    }
    expect({ index, name, steps: ran.filter((step) => !needed.includes(step)) }).toEqual({ index, name, steps: [] });
  }
  expect(teams[1].written).toBe(teams[1].built);
  expect(teams[0].built - teams[0].written).toBeGreaterThan(3);
}, 900_000);
