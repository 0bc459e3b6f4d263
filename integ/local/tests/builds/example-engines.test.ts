import * as fs from 'fs';
import * as path from 'path';
import { DockerBuilder, LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { Engine, EngineOptions } from '../../engines/engine';
import { baseImages, publishBaseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { expectSuccess } from '../../machine/code-build';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

let lab: Lab;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
  const buildKit = await baseImages.buildKit();
  await buildKit.publish(lab.registry, 'docker.io/moby/buildkit:v0.32.2');
  await buildKit.publish(lab.registry, 'public.ecr.aws/near/buildkit:v0.32.2');
}, 600_000);

afterAll(async () => lab.stop());

/** Builds on a new machine with an engine like CodeBuild's, for each source in turn. */
async function builds(app: ExampleApp, engine: EngineOptions, sources: string[], pathInFront = ''): Promise<ExampleBuild[]> {
  const done: ExampleBuild[] = [];
  for (const source of sources) {
    app.changeSource('Api', source);
    const machine = await Engine.fresh(engine);
    try {
      const build = expectSuccess(await app.build('Api', { buildKit: null, environment: { PATH: pathInFront + machine.environment.PATH } })) as ExampleBuild;
      const { manifest, digest } = await lab.registry.manifest(build.image);
      expect(digest).toBe(build.exported.IMAGE_DIGEST_0);
      expect((await imageFile(lab.registry, build.image, manifest, 'var/task/app.py')).toString()).toContain(`'${source}'`);
      done.push(build);
    } finally {
      await machine.wipe();
    }
  }
  return done;
}

/** The front of a PATH on which no Docker engine can be started. */
function withoutEngine(): string {
  const directory = freshDirectory('bin');
  fs.writeFileSync(path.join(directory, 'dockerd'), '#!/bin/sh\necho not on this machine >&2\nexit 1\n', { mode: 0o755 });
  return `${directory}:`;
}

function example(props: { cache?: () => LayerCache; builder?: DockerBuilder } = {}): ExampleApp {
  return new ExampleApp(lab, { name: `Engines${apps++}`, ...props });
}

const steps = (build: ExampleBuild) => build.report.steps;

describe('DockerBuilder.dockerEngine() with LayerCache.inline(), the recipe of the article', () => {
  // If this fails because every build is cached, an engine was mended: good news for the documentation.
  test.each([['bookworm', '20.10'], ['trixie', '26.1']] as const)('loses its cache every second time with the engine of %s, %s', async (suite, version) => {
    const app = example({ builder: DockerBuilder.dockerEngine(), cache: () => LayerCache.inline() });
    const done = await builds(app, { suite, store: 'overlay2' }, ['first', 'second', 'third', 'fourth']);
    expect(done.map(steps)).toEqual(['0 cached, 4 run', '3 cached, 1 run', '0 cached, 4 run', '3 cached, 1 run']);
    expect(done[1].report.builder).toContain(`the Docker engine, ${version}`);
  });

  test('keeps its cache with the engine of sid, 28.5, since nothing is pulled before', async () => {
    const app = example({ builder: DockerBuilder.dockerEngine(), cache: () => LayerCache.inline() });
    const done = await builds(app, { suite: 'sid', store: 'overlay2' }, ['first', 'second', 'third', 'fourth', 'fifth']);
    expect(done.map(steps)).toEqual(['0 cached, 4 run', ...Array(4).fill('3 cached, 1 run')]);
    expect(done[1].report.builder).toContain('the Docker engine, 28.5');
  });

  test('says of an engine that it is too old for what the Dockerfile uses', async () => {
    const machine = await Engine.fresh({ suite: 'bookworm', store: 'overlay2' });
    try {
      const app = example({ builder: DockerBuilder.dockerEngine(), cache: () => LayerCache.inline() });
      app.write('report/Dockerfile', 'FROM public.ecr.aws/lambda/python:3.11\nCOPY --link src /var/task/\n');
      const done = await app.build('Report', { buildKit: null, environment: machine.environment });
      expect(done.ok).toBe(false);
      expect(done.log).toMatch(/ERROR: the Docker engine 20\.10\.\S+ is older than what the Dockerfile uses \(Unknown flag: link\)\. Use a newer build image, /);
    } finally {
      await machine.wipe();
    }
  });

  test('pushes images without a cache, too', async () => {
    const app = example({ builder: DockerBuilder.dockerEngine(), cache: () => LayerCache.none() });
    const [build] = await builds(app, { suite: 'sid', store: 'overlay2' }, ['first']);
    expect(build.report).toMatchObject({ cacheRead: 'off', cacheWritten: 'off' });
  });
});

describe('DockerBuilder.buildkit()', () => {
  test('takes the engine\'s own BuildKit where its image store allows', async () => {
    const done = await builds(example(), { suite: 'sid', store: 'containerd' }, ['first', 'second', 'third']);
    expect(done.map(steps)).toEqual(['0 cached, 4 run', '3 cached, 1 run', '3 cached, 1 run']);
    expect(done[2].report.builder).toMatch(/^the Docker engine's own BuildKit, 28\./);
    expect(done[2].traffic.blobs.up).toBeLessThan(100_000);
  });

  test.each([['trixie', '26.1'], ['sid', '28.5']] as const)('starts an engine beside that of %s, %s, with its classic store', async (suite, version) => {
    const done = await builds(example(), { suite, store: 'overlay2' }, ['first', 'second', 'third']);
    expect(done.map(steps)).toEqual(['0 cached, 4 run', '3 cached, 1 run', '3 cached, 1 run']);
    expect(done[2].report.builder).toContain(`a Docker engine beside the running one, ${version}`);
    expect(done.map(({ log }) => log).join('')).not.toContain('type=oci'); // its layers are read from its files
  });

  test('starts a container of the pinned version where no other engine starts', async () => {
    const done = await builds(example(), { suite: 'sid', store: 'overlay2' }, ['first', 'second'], withoutEngine());
    expect(done.map(steps)).toEqual(['0 cached, 4 run', '3 cached, 1 run']);
    expect(done[1].report.builder).toBe('a container of moby/buildkit:v0.32.2');
    expect(done[1].log).toContain('WARNING: no engine could be started beside the running one');
  });

  test('takes the image of that container from where it is told', async () => {
    const builder = DockerBuilder.buildkit({ buildkitImage: 'public.ecr.aws/near/buildkit:v0.32.2' });
    const [build] = await builds(example({ builder }), { suite: 'sid', store: 'overlay2' }, ['first'], withoutEngine());
    expect(build.report.builder).toBe('a container of public.ecr.aws/near/buildkit:v0.32.2');
    expect(build.traffic.requestsMade.filter(({ host }) => host.includes('docker.io'))).toEqual([]);
  });
});
