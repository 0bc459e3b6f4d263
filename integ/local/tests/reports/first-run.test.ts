import { brotliDecompressSync } from 'zlib';
import { Duration } from 'aws-cdk-lib';
import { ImageTag } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { BuildKit } from '../../engines/build-kit';
import { baseImages } from '../../images/base-images';
import { StoredTag } from '../../images/stored-tag';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

// Two weeks of an app, a change a build: why the first step ran, as the report has it, beside what was changed.

const BASE = 'docker.io/acme/base:1';

interface Written {
  readonly stage?: string;
  readonly make?: string;
  readonly copies?: readonly string[];
  readonly command?: string;
}

function dockerfile({ stage = 'test', make = 'mkdir packages && cp requirements.txt packages/', copies = ['COPY src /var/task/'], command = 'app.handler' }: Written = {}): string {
  return [
    'ARG VERSION=1',
    'FROM acme/base:${VERSION} AS builder',
    'WORKDIR /build',
    'COPY requirements.txt ./',
    'ARG LEVEL=1',
    `RUN ${make}`,
    'FROM docker.io/library/busybox:stable',
    `ENV STAGE=${stage}`,
    'COPY --from=builder /build/packages /opt/packages/',
    'RUN echo "$STAGE" > /stage',
    ...copies,
    `CMD ["${command}"]`,
    '',
  ].join('\n');
}

const TWO_COPIES = ['COPY src /var/task/', 'COPY requirements.txt /var/task/'];

/** The Dockerfile of the second week, and what is another one in it. */
function writeWith(written: Written): void {
  app.write('report/Dockerfile', dockerfile({ stage: 'acceptance', make: 'mkdir packages && cp *.txt packages/', ...written }));
}

/** The properties of the image, which change from day to day. */
const image: { buildArgs: { [name: string]: string }; tag: ImageTag } = { buildArgs: {}, tag: ImageTag.contentHash() };

let lab: Lab;
let app: ExampleApp;
let last: ExampleBuild;

beforeAll(async () => {
  lab = await Lab.start();
  const box = await baseImages.busybox();
  for (const name of [BASE, 'docker.io/library/busybox:stable']) await box.publish(lab.registry, name);
  // Of an image that the builds have had before, BuildKit may find all that was built on it.
  await (await baseImages.renewedBusybox('of version 2')).publish(lab.registry, 'docker.io/acme/base:2');
  app = new ExampleApp(lab, { name: 'Fortnight', images: { Report: image } });
  app.write('report/Dockerfile', dockerfile());
}, 600_000);

afterAll(async () => lab.stop());
afterEach(() => lab.registry.clearFaults());

async function build(): Promise<string> {
  const buildKit = await BuildKit.fresh({ isInMemory: true });
  try {
    last = await app.build('Report', { buildKit });
  } finally {
    await buildKit.wipe();
  }
  expectSuccess(last);
  expect(last.log).not.toContain('does not say why');
  return last.report.firstRun;
}

/** What the repository has under the one tag that ends like this. */
async function stored(end: RegExp): Promise<StoredTag> {
  const [, host, repository] = /^([^/]+)\/(.+):/.exec(last.image)!;
  const [tag] = (await lab.registry.tags(host, repository)).filter((name) => end.test(name));
  return new StoredTag(lab.registry, host, repository, tag);
}

test.each<[day: string, change: () => unknown, firstRun: string]>([
  ['the first build', () => undefined, 'WORKDIR /build (line 3): nothing was in the cache yet'],
  ['the source changes', () => app.changeSource('Report', 'one'), 'COPY src /var/task/ (line 11): `src/app.py` changed'],
  ['nothing changes', () => undefined, ''],
  ['a dependency changes', () => app.changeDependency('Report', '2.0.0'), 'COPY requirements.txt ./ (line 4): `requirements.txt` changed'],
  ['a file comes', () => app.write('report/src/more.py', 'more'), 'COPY src /var/task/ (line 11): `src/more.py` is new'],
  ['the file becomes another one', () => {
    app.remove('report/src/more.py');
    app.write('report/src/other.py', 'other');
  }, 'COPY src /var/task/ (line 11): `src/other.py` is new, `src/more.py` is gone'],
  ['a step changes', () => app.write('report/Dockerfile', dockerfile({ make: 'mkdir packages && cp *.txt packages/' })),
    'RUN mkdir packages && cp *.txt packages/ (line 6): the Dockerfile changed (line 6)'],
  ['a variable of the last stage changes', () => writeWith({}),
    'RUN echo "$STAGE" > /stage (line 10): the Dockerfile changed (line 8)'],
  ['a build argument is given', () => { image.buildArgs = { LEVEL: '2' }; },
    'RUN mkdir packages && cp *.txt packages/ (line 6): the build argument LEVEL is new'],
  ['it gets another value, and the source another content', () => {
    image.buildArgs = { LEVEL: 'quiet-secret' };
    app.changeSource('Report', 'two');
  }, 'RUN mkdir packages && cp *.txt packages/ (line 6): the build argument LEVEL changed'],
  ['the base image is another one by now', async () => {
    await (await baseImages.pythonSlim()).publish(lab.registry, BASE);
    app.changeSource('Report', 'three');
  }, 'WORKDIR /build (line 3): the base image acme/base:1 is another one'],
  ['a build argument names another base image', () => { image.buildArgs = { ...image.buildArgs, VERSION: '2' }; },
    'WORKDIR /build (line 3): the build argument VERSION is new'],
  ['a refresh period begins', () => { image.tag = ImageTag.contentHash({ refreshEvery: Duration.days(7) }); },
    'RUN mkdir packages && cp *.txt packages/ (line 6): a refresh period began'],
  ['a copy is added', () => writeWith({ copies: TWO_COPIES }),
    'COPY requirements.txt /var/task/ (line 12): the Dockerfile changed (line 12)'],
  ['the source changes, which the cache does not keep', () => app.changeSource('Report', 'four'), 'COPY src /var/task/ (line 11): `src/app.py` changed'],
  ['only the command changes', () => writeWith({ copies: TWO_COPIES, command: 'app.other' }),
    'COPY src /var/task/ (line 11): the cache does not have it, since it is not written when only the last copies are new'],
  ['the cache is gone', async () => {
    await (await stored(/-linux-amd64$/)).remove();
    app.changeSource('Report', 'five');
  }, 'WORKDIR /build (line 3): nothing was in the cache yet'],
  ['the record is gone', async () => {
    await (await stored(/_record$/)).remove();
    app.changeSource('Report', 'six');
  }, 'COPY src /var/task/ (line 11): unknown, since the last build has left nothing to compare with'],
])('%s', async (_, change, firstRun) => {
  await change();
  expect(await build()).toBe(firstRun);
});

test('a cache that cannot be read', async () => {
  app.changeSource('Report', 'seven');
  lab.registry.fault({ url: /manifests\/cache-[^_]*-linux-amd64$/, method: /GET|HEAD/ }, { kind: 'refuse', status: 403, code: 'DENIED' });
  expect(await build()).toMatch(/^WORKDIR \/build \(line 3\): the cache was not read: .*403/);
});

test('what is kept for the next build has no value of a build argument', async () => {
  expect(last.log).toContain('LEVEL=quiet-secret'); // where it was given, in the command
  const { annotations } = await (await stored(/_record$/)).content();
  const record = brotliDecompressSync(Buffer.from(annotations['vnd.cdk-cached-docker-build.last-build'], 'base64')).toString();
  expect(record).toContain('"LEVEL"');
  expect(record).not.toContain('quiet-secret');
  expect(record).not.toContain('acceptance');
});
