import { SourceApp } from '../../apps/source-app';
import { publishBaseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { readReport } from '../../machine/build-report';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
}, 600_000);

afterAll(async () => lab.stop());

test('a source is built for each commit, under the id that the stage deploys', async () => {
  const app = new SourceApp(lab, 'services', 'api/Dockerfile');
  app.write('services/api/Dockerfile', 'FROM public.ecr.aws/lambda/python:3.11\nCOPY shared /opt/shared\nCOPY api/app.py /var/task/\n');
  app.write('services/api/Dockerfile.dockerignore', '**/*.secret\n');
  app.write('services/shared/lib.py', 'VALUE = 1\n');
  app.write('services/shared/key.secret', 'not for the image\n');

  for (const commit of ['1111111aaaa', '2222222bbbb']) {
    app.write('services/api/app.py', `COMMIT = '${commit}'\n`);
    const build = expectSuccess(await app.build(commit));
    const report = readReport(build.log);
    expect(report).toMatchObject({ result: 'built', steps: commit.startsWith('1') ? '0 cached, 2 run' : '1 cached, 1 run' });
    expect(report.image).toMatch(new RegExp(`:${commit}$`));
    const { manifest, digest } = await lab.registry.manifest(report.image);
    expect((await imageFile(lab.registry, report.image, manifest, 'var/task/app.py')).toString()).toContain(commit);
    await expect(imageFile(lab.registry, report.image, manifest, 'opt/shared/key.secret')).rejects.toThrow('has no');
    for (const tag of ['main', 'latest']) {
      // `main` is no mutable tag of this repository: it stays with the first commit, and the build says so
      const tagged = await lab.registry.manifest(report.image.replace(/:[^:]+$/, `:${tag}`));
      expect(tagged.digest === digest).toBe(tag === 'latest' || commit.startsWith('1'));
    }
    expect(build.log.includes('WARNING: the tag \'main\' is immutable')).toBe(commit.startsWith('2'));
  }
});
