import * as fs from 'fs';
import * as path from 'path';
import { Readable } from 'stream';
import { pipeline } from 'stream/promises';
import { extract } from 'tar-stream';
import { LayerEntry, layerEntries } from './layer-entries';
import { LAYER_LIMITS, LayerLimits } from './layer-guard';
import { verified } from './verified';

/**
 * Lists the layers of an image that comes as an OCI archive, by their digests. Only a layer with the very bytes of its digest counts, so that what is said of it
 * is true of the layer that was pushed.
 *
 * @param wanted files whose content is wanted
 */
export async function imageArchive(archive: Readable, wanted: readonly string[] = []): Promise<Map<string, LayerEntry[]>> {
  const layers = new LayerMap();
  const files = extract();
  files.on('entry', ({ name }, content, next) => {
    const [, hex] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name) ?? [];
    content.on('error', () => undefined); // the archive fails with it
    if (hex === undefined) {
      content.on('end', next);
      content.resume();
      return;
    }
    layers.read(content, `sha256:${hex}`, wanted).then(() => next(), next);
  });
  await pipeline(archive, files);
  return layers.all;
}

/** The same of one that is unpacked. Files without content stand for layers that nobody wants. */
export async function imageDirectory(directory: string, wanted: readonly string[] = []): Promise<Map<string, LayerEntry[]>> {
  const layers = new LayerMap();
  const blobs = path.join(directory, 'blobs', 'sha256');
  for (const hex of fs.readdirSync(blobs).sort()) {
    const file = path.join(blobs, hex);
    if (fs.statSync(file).size === 0) continue;
    await layers.read(fs.createReadStream(file, { highWaterMark: CHUNK }), `sha256:${hex}`, wanted);
  }
  return layers.all;
}

/** In bytes. */
const CHUNK = 1024 * 1024;

/** The layers of one image, which all of them have to fit into the memory. */
class LayerMap {
  public readonly all = new Map<string, LayerEntry[]>();
  private left = LAYER_LIMITS.entries;

  /** Takes a blob if it is a layer. */
  public async read(content: AsyncIterable<Buffer>, digest: string, wanted: readonly string[]): Promise<void> {
    const entries = await readBlob(content, digest, wanted, { ...LAYER_LIMITS, entries: this.left });
    if (!entries) return;
    this.left -= entries.length;
    this.all.set(digest, entries);
  }
}

/** Lists one layer. Gives undefined for what is none: manifest and configuration. All layers are compressed with gzip. */
export async function readBlob(
  content: AsyncIterable<Buffer>, digest: string, wanted: readonly string[], limits: LayerLimits = LAYER_LIMITS,
): Promise<LayerEntry[] | undefined> {
  const bytes = verified(content, digest);
  let chunk = await bytes.next();
  const isLayer = !chunk.done && chunk.value[0] === GZIP;
  async function* all() {
    for (; !chunk.done; chunk = await bytes.next()) yield chunk.value;
  }
  if (isLayer) return layerEntries(Readable.from(all()), true, wanted, limits);
  for await (const ignored of all()) void ignored;
  return undefined;
}

/** The first byte of what gzip makes. */
const GZIP = 0x1f;
