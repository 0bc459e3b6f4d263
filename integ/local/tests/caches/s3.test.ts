import { createServer, Server } from 'http';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { LayerCache } from '../../../../lib';
import { ExampleApp } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { makeReportLight } from '../../apps/light-dockerfile';
import { Engine } from '../../engines/engine';
import { baseImages, publishBaseImages } from '../../images/base-images';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const bucket = Bucket.fromBucketName(new Stack(new App(), 'Elsewhere', { env: home }), 'Bucket', 'layers-of-builds');
const credentials = { AccessKeyId: 'ASIAPLAYPLAYPLAYPLAY', SecretAccessKey: 'secret-of-this-build', Token: 'token-of-this-build' };

let lab: Lab;
let agent: Server;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
  await (await baseImages.buildKit()).publish(lab.registry, 'docker.io/moby/buildkit:v0.32.2');
  await lab.s3.createBucket('layers-of-builds', home.region);

  // where a build of CodeBuild gets the credentials of its role
  await execute('ip', ['address', 'replace', '169.254.170.2/32', 'dev', 'lo']);
  agent = createServer((_, response) => response.setHeader('Content-Type', 'application/json')
    .end(JSON.stringify({ ...credentials, Expiration: new Date(Date.now() + 3_600_000).toISOString() })));
  await new Promise<void>(resolve => agent.listen(80, '169.254.170.2', resolve));
}, 600_000);

afterAll(async () => {
  agent.close();
  await lab.stop();
});

test('on a machine as CodeBuild starts it, a container of BuildKit reads and writes the bucket as the role of the build', async () => {
  const app = new ExampleApp(lab, { name: 'Bucket', cache: () => LayerCache.s3(bucket) });
  makeReportLight(app);
  for (const [marker, steps, cacheWritten] of [['first', '0 cached, 6 run', 'yes'], ['second', '5 cached, 1 run', 'not needed, only copies are new']]) {
    app.changeSource('Report', marker);
    const machine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
    try {
      const done = await app.build('Report', {
        buildKit: null,
        environment: {
          ...machine.environment, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/play',
        },
      });
      await expectImage(lab, done, marker);
      expect(done.report).toMatchObject({ steps, builder: 'a container of moby/buildkit:v0.32.2', cacheWritten });
      expect(done.log).not.toContain('WARNING');
      for (const value of Object.values(credentials)) expect(done.log).not.toContain(value);
    } finally {
      await machine.wipe();
    }
  }
});
