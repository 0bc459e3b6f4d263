import { FaultEffect, FaultMatch } from '../../../registry/faults';
import { Fault } from '../fault';
import { drop, silent } from '../fault-effects';

const settings = (name: string) => ({ layerCache: { kind: 's3', mode: 'max', bucket: 'layers', region: 'eu-west-1', prefix: `${name}/` } } as const);
const manifest = { method: /GET|HEAD/, url: /manifests\// };
const blobs = { method: /GET/, url: /blobs\// };
const error = (status: number, code: string): FaultEffect => ({ kind: 'answer', status, type: 'application/xml', body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>a fault of the play</Message></Error>` });

function unread(broken: string, match: FaultMatch, effect: FaultEffect, more: Partial<Fault> = {}): Fault {
  return {
    phase: 'bucket',
    broken,
    settings,
    isSecondBuild: true,
    happen: scene => scene.bucketFault(match, effect),
    does: { result: 'built', cache: 'not used' },
    says: 'WARNING: the layer cache could not be read: ...',
    next: { result: 'built', cache: 'used' },
    within: 60,
    ...more,
  };
}

function lost(broken: string, effect: FaultEffect, more: Partial<Fault> = {}): Fault {
  return {
    ...unread(broken, blobs, effect),
    happen: scene => {
      scene.change({ place: 'two' });
      scene.bucketFault(blobs, effect);
    },
    says: 'WARNING: the build failed, and is tried once more without the layer cache: ...',
    ...more,
  };
}

function unwritten(broken: string, effect: FaultEffect, more: Partial<Fault> = {}): Fault {
  return {
    phase: 'bucket',
    broken,
    settings,
    happen: scene => scene.bucketFault({ method: /PUT|POST/ }, effect),
    does: { result: 'built', cache: 'not used' },
    says: 'WARNING: the layer cache was not written, so the next build may be slower: ...',
    next: { result: 'built', cache: 'not used' },
    within: 60,
    ...more,
  };
}

export const bucketFaults: readonly Fault[] = [
  unread('the role may not read the cache', manifest, error(403, 'AccessDenied')),
  unread('500 for the cache, always', manifest, error(500, 'InternalError')),
  unread('the connection is always closed', manifest, drop),
  unread('the cache is not JSON', manifest, { kind: 'answer', status: 200, type: 'application/json', body: 'what is this?' }),
  unread('the cache is deleted', manifest, error(404, 'NoSuchKey'), { says: undefined }),
  unread('no answer for the cache', manifest, silent, { within: 150 }),
  lost('layers are deleted', error(404, 'NoSuchKey')),
  lost('500 for layers', error(500, 'InternalError')),
  lost('no answer for layers', silent, { within: 240 }),
  unwritten('the role may not write the cache', error(403, 'AccessDenied')),
  unwritten('the bucket does not exist', error(404, 'NoSuchBucket')),
];
