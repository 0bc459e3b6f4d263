import { App, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { LayerCache } from '../../../../lib';
import { ExampleApp } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { publishBaseImages } from '../../images/base-images';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const elsewhere = new Stack(new App(), 'Elsewhere', { env: home });
const missingRepository = Repository.fromRepositoryName(elsewhere, 'MissingRepository', 'never-deployed');
const buckets = Object.fromEntries(['forbidden', 'missing'].map(name => [name, Bucket.fromBucketName(elsewhere, name, `${name}-bucket`)]));

// what a build has in CodeBuild, and no log may have
const credentials = { AWS_ACCESS_KEY_ID: 'ASIAPLAYPLAYPLAYPLAY', AWS_SECRET_ACCESS_KEY: 'secret-of-this-build', AWS_SESSION_TOKEN: 'token-of-this-build' };

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
  await lab.s3.createBucket('forbidden-bucket', home.region);
  await lab.s3.serve('missing-bucket', home.region);
}, 600_000);

afterAll(async () => lab.stop());

beforeEach(() => {
  lab.s3.denies = undefined;
  lab.registry.clearFaults();
});

interface Failure {
  readonly cache: (ignoreErrors?: boolean) => LayerCache;
  readonly happen?: () => void;
  /** What reading says. */
  readonly read: RegExp;
  /** What writing says. */
  readonly written: RegExp;
}

const failures: { readonly [name: string]: Failure } = {
  'a repository that denies the tags of the cache': {
    cache: ignoreErrors => LayerCache.registry({ ignoreErrors }),
    happen: () => lab.registry.fault({ url: /\/manifests\/cache-/ }, { kind: 'refuse', status: 403 }),
    read: /^no, .*403/,
    written: /^no, .*denied/,
  },
  'a repository that is not there': {
    cache: ignoreErrors => LayerCache.registry({ repository: missingRepository, ignoreErrors }),
    read: /^no, there is none yet$/,
    written: /^no, .*The repository with name 'never-deployed' does not exist/,
  },
  'a bucket that denies everything': {
    cache: ignoreErrors => LayerCache.s3(buckets.forbidden, { ignoreErrors }),
    happen: () => lab.s3.denies = () => true,
    read: /^no, .*403.*AccessDenied/,
    written: /^no, .*403.*Forbidden/,
  },
  'a bucket that is not there': {
    cache: ignoreErrors => LayerCache.s3(buckets.missing, { ignoreErrors }),
    read: /^no/,
    written: /^no, .*NoSuchBucket/,
  },
};

/** The example without what takes long. */
function app(name: string, cache: () => LayerCache): ExampleApp {
  const example = new ExampleApp(lab, { name, cache });
  example.write('report/Dockerfile', 'FROM docker.io/library/busybox:stable\nCOPY --link src /var/task/\n');
  return example;
}

describe.each(Object.keys(failures))('%s', name => {
  const { cache, happen, read, written } = failures[name];
  const id = `Failing${Object.keys(failures).indexOf(name)}`;

  test('fails no build, and stands in the report', async () => {
    happen?.();
    const done = await app(id, () => cache()).build('Report', { environment: credentials });
    await expectImage(lab, done, 'report');
    expect(done.report).toMatchObject({ result: 'built', cacheRead: expect.stringMatching(read), cacheWritten: expect.stringMatching(written) });
    expect(done.log).toContain('WARNING: the layer cache was not written');
    for (const value of Object.values(credentials)) expect(done.log).not.toContain(value);
  });

  test('fails the build when its errors are not to be ignored, after the image was pushed', async () => {
    happen?.();
    const done = await app(`${id}Strict`, () => cache(false)).build('Report', { environment: credentials });
    expect(done).toMatchObject({ ok: false, exitCode: 1 });
    expect(done.log).toContain('ERROR: the image is in the registry, but its layer cache is not');
    expect((await lab.registry.manifest(done.image)).manifest.layers).toHaveLength(2);
  });
});
