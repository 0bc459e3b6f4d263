import { createHash } from 'crypto';
import { promisify } from 'util';
import { brotliCompress, brotliDecompress, constants } from 'zlib';
import { BuildRecord, EMPTY_RECORD, recordFromJson, recordToJson } from './build-record';
import { LastBuild, lastBuildFromText, lastBuildToText } from './last-build';
import { LayerCache } from '../cache/layer-cache';
import { cachedImage, ImageJob } from '../image/image-job';
import { verifiedWhole } from '../layers/verified';
import { Logins } from '../registry/logins';
import { RegistryClient } from '../registry/registry-client';
import { reasonOf } from '../report/failure';
import { Log } from '../report/log';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const RECORD = 'application/vnd.cdk-cached-docker-build.record.v1+br';
const CONFIG = { mediaType: 'application/vnd.cdk-cached-docker-build.record.config.v1+json', content: Buffer.from('{}') };

/** No record is larger: in bytes, compressed and not. What is read as JSON takes up to forty times its text, and a small machine must bear it. */
const MAX_SIZE = 8 * 1024 * 1024;
const MAX_TEXT = 16 * 1024 * 1024;

/** The annotation that has the last build: with it, a build that has found out nothing else writes the manifest and no blob. */
const LAST_BUILD = 'vnd.cdk-cached-docker-build.last-build';

/** A tag of a registry. */
export interface RecordPlace {
  readonly registry: RegistryClient;
  readonly tag: string;
}

interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** A record as its registry has it. */
interface Stored {
  readonly text: string;
  readonly layer: Described;
  /** See `LAST_BUILD`. */
  readonly lastBuild?: unknown;
}

interface StoredManifest {
  readonly layers?: Partial<Described>[];
  readonly annotations?: { readonly [name: string]: unknown } | null;
}

/** The records of an image: that of its own scope, and those of others it may begin with. */
export class RecordStore {
  private known?: Stored;

  /** @param places the one that is written first */
  constructor(private readonly places: readonly RecordPlace[], private readonly log: Log) {}

  /** The records that are there, that of the own scope first; an empty one in place of what is missing or cannot be read. */
  public async read(): Promise<BuildRecord[]> {
    return Promise.all(this.places.map(async (place, index) => {
      try {
        const stored = await storedAt(place);
        if (!stored) return EMPTY_RECORD;
        if (index === 0) this.known = stored;
        return { ...recordFromJson(stored.text), ...await this.lastBuildOf(stored, place) };
      } catch (error) {
        this.log.warn(`the record of the last build, ${place.tag}, cannot be read, so this build may be slower: ${reasonOf(error)}`);
        return EMPTY_RECORD;
      }
    }));
  }

  /** Writes the record of the own scope, if it is another one than was read. */
  public async write(record: BuildRecord): Promise<void> {
    try {
      const text = recordToJson(record);
      const lastBuild = record.lastBuild && await this.textOf(record.lastBuild);
      if (text === this.known?.text && lastBuild === this.known.lastBuild) return;
      const [{ registry, tag }] = this.places;
      const layer = text === this.known?.text ? this.known.layer : await putText(registry, text);
      const { mediaType, content } = CONFIG;
      const annotations = lastBuild === undefined ? undefined : { [LAST_BUILD]: lastBuild };
      const manifest = { schemaVersion: 2, mediaType: MANIFEST, config: describe(mediaType, content), layers: [layer], annotations };
      const body = Buffer.from(JSON.stringify(manifest));
      if (!await registry.setTag(tag, { type: MANIFEST, body, digest: '' })) throw new Error(`the tag ${tag} is immutable`);
    } catch (error) {
      this.log.warn(`what this build found out could not be kept, so the next one may be slower: ${reasonOf(error)}`);
    }
  }

  private async lastBuildOf({ lastBuild }: Stored, { tag }: RecordPlace): Promise<{ lastBuild?: LastBuild }> {
    try {
      return lastBuild === undefined ? {} : { lastBuild: await lastBuildFromText(lastBuild) };
    } catch (error) {
      this.log.warn(`the record of the last build, ${tag}, does not say what it was made from, so the report may not say why steps ran: ${reasonOf(error)}`);
      return {};
    }
  }

  private async textOf(lastBuild: LastBuild): Promise<string | undefined> {
    try {
      return await lastBuildToText(lastBuild);
    } catch (error) {
      this.log.warn(`the report of the next build may not say why steps ran: ${reasonOf(error)}`);
      return undefined;
    }
  }
}

/** Puts what a manifest with the text refers to. */
async function putText(registry: RegistryClient, text: string): Promise<Described> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
  const blob = await promisify(brotliCompress)(text, { params });
  if (text.length > MAX_TEXT || blob.length > MAX_SIZE) throw new Error('there are too many files below the copies');
  const [config, layer] = [describe(CONFIG.mediaType, CONFIG.content), describe(RECORD, blob)];
  await Promise.all([registry.putBlob(config.digest, CONFIG.content), registry.putBlob(layer.digest, blob)]);
  return layer;
}

async function storedAt({ registry, tag }: RecordPlace): Promise<Stored | undefined> {
  const manifest = await registry.manifest(tag);
  if (!manifest) return undefined;
  const { layers, annotations } = JSON.parse(manifest.body.toString()) as StoredManifest;
  const layer = layers?.find(({ mediaType }) => mediaType === RECORD);
  const { digest, size } = { ...layer };
  if (typeof digest !== 'string' || size === undefined || !(size <= MAX_SIZE)) throw new Error('it is something else');
  const blob = await registry.blob(digest);
  if (!blob) throw new Error('its content is gone');
  const content = await verifiedWhole(blob as AsyncIterable<Buffer>, digest, MAX_SIZE);
  const text = (await promisify(brotliDecompress)(content, { maxOutputLength: MAX_TEXT })).toString();
  return { text, layer: { mediaType: RECORD, digest, size }, lastBuild: annotations?.[LAST_BUILD] };
}

function describe(mediaType: string, content: Buffer): Described {
  return { mediaType, digest: `sha256:${createHash('sha256').update(content).digest('hex')}`, size: content.length };
}

/** Where the records of an image are; undefined where its layer cache has no place for them. */
export function recordStore(job: ImageJob, cache: LayerCache, logins: Pick<Logins, 'client'>): RecordStore | undefined {
  const places = cache.records(cachedImage(job));
  return places && new RecordStore(places.map(({ repository, tag }) => ({ registry: logins.client(repository), tag })), job.log);
}
