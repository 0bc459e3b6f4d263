import { PythonApp } from '../../apps/python-app';
import { publishBaseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { readReport } from '../../machine/build-report';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

let lab: Lab;
let app: PythonApp;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
  app = await PythonApp.create(lab);
  app.write('api/requirements.txt', 'big-numbers==1.0.0\n'); // which the base image of the play can install
}, 600_000);

afterAll(async () => lab.stop());

test.each([['first', '0 cached, 3 run'], ['second', '2 cached, 1 run']])('the %s build of the example in Python', async (source, steps) => {
  app.write('api/src/app.py', `def handler(event, context):\n    return '${source}'\n`);
  const build = expectSuccess(await app.build());
  const report = readReport(build.log);
  expect(report).toMatchObject({ result: 'built', steps });
  const { manifest } = await lab.registry.manifest(report.image);
  expect((await imageFile(lab.registry, report.image, manifest, 'var/task/app.py')).toString()).toContain(`'${source}'`);
});
