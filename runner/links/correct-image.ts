import { createHash } from 'crypto';
import { CopiedLayers } from './copied-layers';
import { Corrections } from './prove-links';
import { chmodLayer } from '../layers/chmod-layer';
import { directoriesLayer } from '../layers/directories-layer';
import { Descriptor, HistoryEntry, ImageConfig } from '../layers/image-content';
import { PushedImage } from '../layers/pushed-image';
import { WorkDirectory } from '../process/work-directory';
import { Manifest, RegistryClient } from '../registry/registry-client';

const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** The image with what linking has left out: modes of `--chmod`, a WORKDIR, owners and modes of directories that copies have passed. Uploads only what is new of it. */
export async function correctImage(
  image: PushedImage, config: ImageConfig, { copied }: CopiedLayers, corrections: Corrections, registry: RegistryClient, work: WorkDirectory,
): Promise<Manifest> {
  const layers: Descriptor[] = [...image.content.layers];
  const diffIds = [...config.rootfs.diff_ids];
  const history: HistoryEntry[] = [...config.history ?? []];
  for (const [index, modes] of corrections.modes.entries()) {
    const { layerIndex } = copied[index];
    if (modes.size === 0 || layerIndex === undefined) continue;
    const { digest, size, diffId, file } = await chmodLayer(await image.layer(layerIndex), modes, work.path(`layer-${index}.tar.gz`));
    await registry.putBlob(digest, { file });
    layers[layerIndex] = { mediaType: layers[layerIndex].mediaType, digest, size };
    diffIds[layerIndex] = diffId;
  }
  // Behind the last copy, so that it is the last word on each of them.
  if (corrections.passed.size > 0) {
    const { content, digest, diffId } = await directoriesLayer(corrections.passed);
    await registry.putBlob(digest, content);
    layers.push({ mediaType: LAYER, digest, size: content.length });
    diffIds.push(diffId);
    history.push({ created_by: 'directories as the layers below have them # cached-docker-build', comment: 'linked copies', created: history.at(-1)?.created });
  }
  let workdir: string | undefined;
  for (const { copy, historyIndex } of [...copied].reverse()) {
    for (const instruction of [...copy.workdirsBehind].reverse()) {
      const written = instruction.rest.trim(); // BuildKit keeps it so, without cleaning it
      workdir ??= written;
      history.splice(historyIndex + 1, 0, { created_by: `WORKDIR ${written}`, comment: 'buildkit.dockerfile.v0', empty_layer: true, created: history[historyIndex].created });
    }
  }
  if (workdir === undefined && layers.every(({ digest }, index) => digest === image.content.layers[index]?.digest)) return image.manifest;

  const content = Buffer.from(JSON.stringify({
    ...config,
    history,
    rootfs: { ...config.rootfs, diff_ids: diffIds },
    config: { ...config.config, ...workdir !== undefined && { WorkingDir: workdir } },
  }));
  const digest = digestOf(content);
  await registry.putBlob(digest, content);
  const body = Buffer.from(JSON.stringify({ ...image.content, config: { ...image.content.config, digest, size: content.length }, layers }));
  return { digest: digestOf(body), type: image.manifest.type, body };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
