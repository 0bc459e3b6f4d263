import { LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { makeReportLight } from '../../apps/light-dockerfile';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

// A cache whose list of layers is there, and whose layers cannot be had: what reads only the list takes it for whole. Caches apart from the image are played with
// all other faults.

const host = '111111111111.dkr.ecr.eu-west-1.amazonaws.com';

let lab: Lab;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
}, 600_000);

afterAll(async () => lab.stop());
afterEach(() => lab.registry.clearFaults());

test('an image that carries its cache, and whose layers cannot be had, fails no build', async () => {
  const app = new ExampleApp(lab, { name: `Broken${apps++}`, cache: () => LayerCache.inline() });
  app.write('report/Dockerfile', 'FROM docker.io/library/busybox:stable\nWORKDIR /var/task\nRUN mkdir -p /opt/made\nCOPY src /var/task/\n');
  expectSuccess(await app.build('Report'));
  app.changeSource('Report', 'second');
  lab.registry.fault({ host, method: /GET/, url: /\/blobs\/sha256:/ }, { kind: 'refuse', status: 500 });
  const second = expectSuccess(await app.build('Report')) as ExampleBuild;
  await expectImage(lab, second, 'second');
  lab.registry.clearFaults();
  app.changeSource('Report', 'third');
  expect((expectSuccess(await app.build('Report')) as ExampleBuild).report.steps).toBe('2 cached, 1 run');
});

test('a step that fails is no matter of the cache, and is not tried again', async () => {
  const app = new ExampleApp(lab, { name: `Broken${apps++}` });
  makeReportLight(app);
  expectSuccess(await app.build('Report'));
  app.write('report/Dockerfile', 'FROM docker.io/library/busybox:stable\nRUN exit 3\n');
  const failed = await app.build('Report');
  expect(failed.ok).toBe(false);
  expect(failed.log).not.toContain('tried once more');
  expect(failed.log).toContain('did not complete successfully: exit code: 3');
});
