import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { makeReportLight } from '../../apps/light-dockerfile';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

const host = '111111111111.dkr.ecr.eu-west-1.amazonaws.com';

let lab: Lab;
let app: ExampleApp;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
}, 600_000);

afterAll(async () => lab.stop());

beforeEach(() => {
  app = new ExampleApp(lab, { name: `Faults${apps++}`, additionalTags: ['latest'] });
  makeReportLight(app);
});

afterEach(() => lab.registry.clearFaults());

test('an additional tag that is refused fails the build after the layers were kept, and the retry sets it', async () => {
  lab.registry.fault({ host, method: /PUT/, url: /\/manifests\/latest$/ }, { kind: 'refuse', status: 403, code: 'DENIED', message: 'not this tag' });
  const refused = await app.build('Report');
  expect(refused.ok).toBe(false);
  expect(refused.log).toMatch(/ERROR: the tag 'latest' cannot be set in \S+ \(HTTP 403\): .*not this tag/);
  expect(refused.report).toMatchObject({ result: 'built, but failed after it', cacheWritten: 'yes' });

  lab.registry.clearFaults();
  const retry = expectSuccess(await app.build('Report', { buildKit: null })) as ExampleBuild;
  expect(retry.report.result).toBe('already there');
  expect((await lab.registry.manifest(retry.image.replace(/:[^:]+$/, ':latest'))).digest).toBe(retry.exported.IMAGE_DIGEST_0);

  app.changeSource('Report', 'second');
  expect((expectSuccess(await app.build('Report')) as ExampleBuild).report).toMatchObject({ steps: '5 cached, 1 run', cacheRead: 'yes' });
});
