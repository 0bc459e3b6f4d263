import * as fs from 'fs';
import * as path from 'path';
import { DockerContext } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { publishBaseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { expectSuccess } from '../../machine/code-build';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

const dockerfile = `FROM base AS final
COPY --from=shared lib /opt/lib/
COPY src /var/task/
`;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry);
}, 600_000);
afterAll(async () => lab.stop());

test('the files of further contexts, a directory and an image, are in the image, and a change of them is built', async () => {
  const shared = freshDirectory('shared');
  const write = (name: string, content: string) => {
    fs.mkdirSync(path.dirname(path.join(shared, name)), { recursive: true });
    fs.writeFileSync(path.join(shared, name), content);
  };
  write('lib/tool', 'first');
  write('lib/ignored.log', 'x');
  write('.dockerignore', '**/*.log\n');
  const buildContexts = { shared: DockerContext.directory(shared), base: DockerContext.image('public.ecr.aws/lambda/python:3.11') };
  const app = new ExampleApp(lab, { name: 'Contexts', images: { Report: { buildContexts } } });
  app.write('report/Dockerfile', dockerfile);
  const build = async () => expectSuccess(await app.build('Report')) as ExampleBuild;
  const read = async ({ image }: ExampleBuild, file: string) => {
    const { manifest } = await lab.registry.manifest(image);
    return (await imageFile(lab.registry, image, manifest, file)).toString();
  };

  const first = await build();
  expect(await read(first, 'opt/lib/tool')).toBe('first');
  await expect(read(first, 'opt/lib/ignored.log')).rejects.toThrow();
  expect(first.report).toMatchObject({ result: 'built', copies: 'linked: 2 (lines 2, 3)' });

  write('lib/tool', 'second');
  const second = await build();
  expect(await read(second, 'opt/lib/tool')).toBe('second');
  expect(second.traffic.down).toBeLessThan(200_000); // the image below is known, wherever it comes from
});
