import { Manifest } from '../registry/registry-client';

/** What a manifest says of a blob. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The parts of an image's manifest that matter here. */
export interface ImageManifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** The parts of an image's configuration that matter here. */
export interface ImageConfig {
  readonly config?: { readonly WorkingDir?: string; readonly Env?: readonly string[]; readonly User?: string };
  readonly history?: readonly HistoryEntry[];
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

/** What an instruction has left in the configuration. */
export interface HistoryEntry {
  readonly created_by?: string;
  readonly empty_layer?: boolean;
  readonly comment?: string;
  readonly created?: string;
}

/** Undefined where the manifest is that of something else. */
export function imageContent({ body }: Manifest): ImageManifest | undefined {
  try {
    const content = JSON.parse(body.toString()) as ImageManifest | null;
    return content && Array.isArray(content.layers) && [content.config, ...content.layers].every(isDescriptor) ? content : undefined;
  } catch {
    return undefined;
  }
}

function isDescriptor(json: unknown): json is Descriptor {
  const { mediaType, digest, size } = Object(json) as { [key: string]: unknown };
  return typeof mediaType === 'string' && typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest) && Number.isSafeInteger(size) && (size as number) >= 0;
}
