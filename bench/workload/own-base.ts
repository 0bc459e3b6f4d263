import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { baseImage } from './base-image';
import { home } from './home';
import { Registry } from '../../integ/local/registry/registry';
import { freshDirectory } from '../../integ/local/world/directories';
import { execute } from '../../integ/local/world/execute';

const repository = 'platform/runtime';

/** A base image of the team's own: nothing of it is known to anybody, and a user of its own owns the directory that it works in. */
export const ownBase = {
  repository,
  image: `${Registry.ecrHost(home)}/${repository}:7`,
  directory: 'srv/service/current',
};

const user = 1001;

/** What a team puts on top of the usual base image: a user, a directory that is the user's alone, and a script that installs. */
export async function publishOwnBase(registry: Registry): Promise<void> {
  registry.createRepository(home, repository);
  const root = freshDirectory('own-base');
  const write = (file: string, content: string, mode: number) => {
    fs.mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), content, { mode });
  };
  write('etc/passwd', `root:x:0:0:root:/root:/bin/sh\nservice:x:${user}:${user}::/srv/service:/bin/sh\n`, 0o644);
  write('etc/group', `root:x:0:\nservice:x:${user}:\n`, 0o644);
  write('usr/local/bin/provision', '#!/bin/sh\nexec pip install --requirement "$1" --target deps\n', 0o755);
  fs.mkdirSync(path.join(root, ownBase.directory), { recursive: true });
  for (const directory of ['srv/service', ownBase.directory]) {
    fs.chownSync(path.join(root, directory), user, user);
    fs.chmodSync(path.join(root, directory), 0o750);
  }
  await addLayer(registry, root);
  fs.rmSync(root, { recursive: true });
}

/** The image with one more layer, which is what the directory holds. */
async function addLayer(registry: Registry, root: string): Promise<void> {
  const [, host, below] = /^([^/]+)\/(.+):/.exec(baseImage.full)!;
  const { manifest } = await registry.manifest(baseImage.full);
  const config = JSON.parse((await registry.blob(host, below, manifest.config.digest)).toString());
  for (const layer of manifest.layers) await upload(registry, await registry.blob(host, below, layer.digest));

  const archive = `${root}.tar`;
  await execute('tar', ['--create', '--file', archive, '--directory', root, '--sort=name', '--mtime=@0', '--numeric-owner', '--exclude=./srv/service/*/*', '.']);
  const diffId = digestOf(fs.readFileSync(archive));
  await execute('gzip', ['--no-name', archive]);
  const added = await upload(registry, fs.readFileSync(`${archive}.gz`));
  fs.rmSync(`${archive}.gz`);

  const environment = [...config.config.Env, `SERVICE_HOME=/${ownBase.directory}`];
  const made = await upload(registry, Buffer.from(JSON.stringify({
    ...config,
    config: { ...config.config, Env: environment, User: 'service', WorkingDir: '/srv' },
    rootfs: { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, diffId] },
    history: [...config.history, { created_by: 'the platform team' }],
  })));
  const answer = await registry.direct(Registry.ecrHost(home), `/v2/${repository}/manifests/7`, {
    method: 'PUT',
    body: JSON.stringify({
      ...manifest,
      config: { ...manifest.config, ...made },
      layers: [...manifest.layers, { mediaType: manifest.layers[0].mediaType, ...added }],
    }),
    headers: { 'Content-Type': manifest.mediaType },
  });
  if (!answer.ok) throw new Error(`${ownBase.image}: ${answer.status} ${await answer.text()}`);
}

async function upload(registry: Registry, bytes: Buffer): Promise<{ digest: string; size: number }> {
  const start = await registry.direct(Registry.ecrHost(home), `/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(start.headers.get('location')!, start.url);
  const digest = digestOf(bytes);
  location.searchParams.set('digest', digest);
  const answer = await fetch(location, { method: 'PUT', body: bytes, headers: { 'Content-Type': 'application/octet-stream' } });
  if (!answer.ok) throw new Error(`${ownBase.image}: ${answer.status} ${await answer.text()}`);
  return { digest, size: bytes.length };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
