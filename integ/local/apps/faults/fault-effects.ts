import { FaultEffect, FaultMatch } from '../../registry/faults';

const codes: { readonly [status: number]: string } = { 401: 'UNAUTHORIZED', 403: 'DENIED', 404: 'NOT_FOUND', 429: 'TOOMANYREQUESTS' };

export const refuse = (status: number, code = codes[status] ?? 'UNKNOWN', message = 'a fault of the play'): FaultEffect => ({ kind: 'refuse', status, code, message });
export const drop: FaultEffect = { kind: 'drop' };
export const lose: FaultEffect = { kind: 'lose' };
export const silent: FaultEffect = { kind: 'delay', ms: 3_600_000 };
export const page: FaultEffect = { kind: 'answer', status: 200, type: 'text/html', body: '<html><body>Please log in</body></html>' };
/** What Amazon ECR answers to one that is too old. */
export const expired: FaultEffect = refuse(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.');

/** The requests of each phase. */
export const asked = {
  tag: { method: /GET/, url: /manifests\/source-/ },
  cache: { method: /GET|HEAD/, url: /manifests\/cache-image$/ },
  /** By BuildKit, and not before by the runner. */
  importedCache: { method: /HEAD/, url: /manifests\/cache-image$/ },
  record: { method: /GET/, url: /manifests\/cache-image_record$/ },
  upload: { method: /POST/, url: /blobs\/uploads\// },
  bytes: { method: /PUT|PATCH/, url: /blobs\/uploads\// },
  image: { method: /PUT/, url: /manifests\/sha256:/ },
  pushed: { method: /GET/, url: /manifests\/sha256:/ },
  setTag: { method: /PUT/, url: /manifests\/source-/ },
  export: { method: /PUT/, url: /manifests\/cache-image$/ },
  recordWrite: { method: /PUT/, url: /manifests\/cache-image_record$/ },
  latest: { method: /PUT/, url: /manifests\/latest$/ },
  base: { url: /manifests\// },
} as const satisfies { readonly [name: string]: FaultMatch };
