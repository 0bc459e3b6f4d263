import * as fs from 'fs';
import * as path from 'path';
import { Readable } from 'stream';
import { readBlob } from './image-archive';
import { LayerEntry } from './layer-entries';
import { LAYER_LIMITS } from './layer-guard';

type Entries = readonly LayerEntry[] | undefined;

/** No manifest is larger: in bytes. */
const MAX_MANIFEST = 4 * 1024 * 1024;

/** The files in which a builder on this machine keeps what it pulls and pushes, each with its digest as the name: containerd's store of content. */
export class LayerStore {
  /** Images share layers. */
  private readonly lists = new Map<string, Promise<Entries>>();
  private left = LAYER_LIMITS.entries;

  /**
   * @param directory where the files are
   * @param wanted files of the layers whose content is wanted
   */
  constructor(private readonly directory: string, private readonly wanted: readonly string[]) {}

  /**
   * Lists the layers of an image, by their digests, but for those that are known. Undefined where one of them is not there.
   *
   * @param digest of its manifest
   */
  public async image(digest: string, known: ReadonlySet<string>): Promise<Map<string, readonly LayerEntry[]> | undefined> {
    const layers = new Map<string, readonly LayerEntry[]>();
    let left = LAYER_LIMITS.entries;
    for (const layer of this.layersOf(digest)) {
      if (known.has(layer) || layers.has(layer)) continue;
      const entries = await this.layer(layer);
      if (!entries || entries.length > left) return undefined;
      left -= entries.length;
      layers.set(layer, entries);
    }
    return layers.size === 0 ? undefined : layers;
  }

  /** The bytes of a blob; undefined where it is not there. Whoever reads them has to compare their digest. */
  public blob(digest: string): Readable | undefined {
    const file = this.fileOf(digest);
    return file !== undefined && fs.existsSync(file) ? bytesOf(file) : undefined;
  }

  private layersOf(manifest: string): readonly string[] {
    const file = this.fileOf(manifest);
    try {
      if (file === undefined || fs.statSync(file).size > MAX_MANIFEST) return [];
      const { layers } = JSON.parse(fs.readFileSync(file, 'utf8')) as { layers?: readonly { digest?: unknown }[] };
      return (layers ?? []).map(({ digest }) => String(digest));
    } catch {
      return [];
    }
  }

  private async layer(digest: string): Promise<Entries> {
    const file = this.fileOf(digest);
    if (file === undefined) return undefined;
    const list = this.lists.get(digest) ?? this.read(file, digest);
    this.lists.set(digest, list);
    return list.catch(() => {
      this.lists.delete(digest);
      return undefined;
    });
  }

  /** What all of them hold has to fit into the memory. */
  private async read(file: string, digest: string): Promise<Entries> {
    const entries = await readBlob(bytesOf(file), digest, this.wanted, { ...LAYER_LIMITS, entries: this.left });
    this.left -= entries?.length ?? 0;
    return entries;
  }

  /** What a program says must not become the name of any other file. */
  private fileOf(digest: string): string | undefined {
    const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
    return hex === undefined ? undefined : path.join(this.directory, hex);
  }
}

/** In bytes. */
const CHUNK = 1024 * 1024;

function bytesOf(file: string): Readable {
  return fs.createReadStream(file, { highWaterMark: CHUNK });
}
