export type RegistryRequestKind = 'blob' | 'upload' | 'manifest' | 'tags' | 'other';

/** What a request of the registry API is about, read from its path. */
export interface RegistryRequest {
  readonly method: string;
  readonly host: string;
  /** Path and query, as it came. */
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly kind: RegistryRequestKind;
  readonly repository?: string;
  /** Digest of a blob, tag or digest of a manifest, id of an upload. */
  readonly reference?: string;
}

const shapes: ReadonlyArray<readonly [RegistryRequestKind, RegExp]> = [
  ['upload', /^\/v2\/(.+)\/blobs\/uploads(?:\/([^/]*))?$/],
  ['blob', /^\/v2\/(.+)\/blobs\/([^/]+)$/],
  ['manifest', /^\/v2\/(.+)\/manifests\/([^/]+)$/],
  ['tags', /^\/v2\/(.+)\/tags\/list()$/],
];

export function parseRegistryRequest(method: string, host: string, url: string): RegistryRequest {
  const parsed = new URL(url, `https://${host}`);
  const common = { method, host, url, path: parsed.pathname, query: parsed.searchParams };
  for (const [kind, shape] of shapes) {
    const match = shape.exec(parsed.pathname);
    if (match) return { ...common, kind, repository: match[1], reference: match[2] || undefined };
  }
  return { ...common, kind: 'other' };
}
