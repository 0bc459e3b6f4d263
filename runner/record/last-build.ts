import { promisify } from 'util';
import { brotliCompress, brotliDecompress, constants } from 'zlib';
import { areInputs, BuildInputs } from '../reason/build-inputs';

/** What the last build of an image did. It is another one after each build. */
export interface LastBuild {
  /** What the image was made from. */
  readonly inputs?: BuildInputs;
  /** The digests of its layers; undefined where nobody has looked. */
  readonly layers?: readonly string[];
  /** Whether its cache could not be written, so that the one that is there is older; undefined if not. */
  readonly cacheFailed?: true;
}

/** The shape of its JSON text. A build cannot read that of another version, and does without. */
const VERSION = 1;

/** Amazon ECR takes manifests of up to 4 MiB: in bytes. */
const MAX_SIZE = 1024 * 1024;
const MAX_TEXT = 8 * MAX_SIZE;

/** A short text for the annotation of a manifest. The same build is always the same text. */
export async function lastBuildToText({ inputs, layers, cacheFailed }: LastBuild): Promise<string> {
  const json = JSON.stringify({ version: VERSION, inputs, layers, cacheFailed });
  const packed = await promisify(brotliCompress)(json, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } });
  const text = packed.toString('base64');
  if (text.length > MAX_SIZE) throw new Error('the image has too many files');
  return text;
}

/** Fails when it is none: it comes from a registry. */
export async function lastBuildFromText(text: unknown): Promise<LastBuild> {
  if (typeof text !== 'string' || text.length > MAX_SIZE) throw new Error('it is something else');
  const json = (await promisify(brotliDecompress)(Buffer.from(text, 'base64'), { maxOutputLength: MAX_TEXT })).toString();
  const { version, inputs, layers, cacheFailed } = Object(JSON.parse(json)) as { [key: string]: unknown };
  if (version !== VERSION) throw new Error(`it is of version ${String(version)}, and this program of version ${VERSION}`);
  if (inputs !== undefined && !areInputs(inputs)) throw new Error('it does not say what the image was made from');
  if (layers !== undefined && !(Array.isArray(layers) && layers.every((layer) => typeof layer === 'string'))) throw new Error('it does not say what the image is of');
  return {
    ...inputs !== undefined && { inputs },
    ...layers !== undefined && { layers: layers as string[] },
    ...cacheFailed === true && { cacheFailed },
  };
}
