import { RegistryRequestKind } from './request';

/** One request a registry got, as it went. */
export interface RecordedRequest {
  readonly host: string;
  readonly method: string;
  readonly url: string;
  readonly kind: RegistryRequestKind;
  readonly repository?: string;
  readonly reference?: string;
  readonly status: number;
  /** Bytes of the body the client sent. */
  readonly up: number;
  /** Bytes of the body the client got. */
  readonly down: number;
  readonly ms: number;
  readonly userAgent: string;
}

export interface Bytes {
  readonly requests: number;
  readonly up: number;
  readonly down: number;
}

export interface MovedBlob {
  readonly host: string;
  readonly repository: string;
  readonly digest: string;
  readonly bytes: number;
}

export interface TrafficTotals extends Bytes {
  /** Blobs, and the uploads of blobs. */
  readonly blobs: Bytes;
  /** Manifests, tags, logins. */
  readonly rest: Bytes;
  readonly byHost: { readonly [host: string]: Bytes & { readonly blobs: Bytes; readonly rest: Bytes } };
  readonly uploaded: MovedBlob[];
  readonly downloaded: MovedBlob[];
  readonly requestsMade: RecordedRequest[];
}

/** Everything registries were asked, in order. */
export class Traffic {
  private readonly requests: RecordedRequest[] = [];

  public record(request: RecordedRequest): void {
    this.requests.push(request);
  }

  /** A moment to count from. */
  public snapshot(): number {
    return this.requests.length;
  }

  public since(snapshot = 0): TrafficTotals {
    const requests = this.requests.slice(snapshot);
    const hosts = [...new Set(requests.map(request => request.host))];
    return {
      ...split(requests),
      byHost: Object.fromEntries(hosts.map(host => [host, split(requests.filter(request => request.host === host))])),
      uploaded: uploads(requests),
      downloaded: downloads(requests),
      requestsMade: requests,
    };
  }
}

function split(requests: RecordedRequest[]) {
  const isBlob = (request: RecordedRequest) => request.kind === 'blob' || request.kind === 'upload';
  return {
    ...sum(requests),
    blobs: sum(requests.filter(isBlob)),
    rest: sum(requests.filter(request => !isBlob(request))),
  };
}

function sum(requests: RecordedRequest[]): Bytes {
  return {
    requests: requests.length,
    up: requests.reduce((total, request) => total + request.up, 0),
    down: requests.reduce((total, request) => total + request.down, 0),
  };
}

/** An upload is several requests to one id, and only the last one names the digest. */
function uploads(requests: RecordedRequest[]): MovedBlob[] {
  const sent = new Map<string, number>();
  const finished: MovedBlob[] = [];
  for (const { kind, host, repository, reference, method, url, status, up } of requests) {
    if (kind !== 'upload' || status >= 400) continue;
    const id = `${host}/${repository}/${reference ?? url}`;
    sent.set(id, (sent.get(id) ?? 0) + up);
    const digest = new URL(url, `https://${host}`).searchParams.get('digest');
    if (digest && (method === 'PUT' || method === 'POST')) {
      finished.push({ host, repository: repository!, digest, bytes: sent.get(id)! });
    }
  }
  return finished;
}

function downloads(requests: RecordedRequest[]): MovedBlob[] {
  return requests
    .filter(({ kind, method, status }) => kind === 'blob' && method === 'GET' && status < 300)
    .map(({ host, repository, reference, down }) => ({ host, repository: repository!, digest: reference!, bytes: down }));
}
