import { Fault } from '../fault';
import { asked, drop, page, refuse, silent } from '../fault-effects';
import { FaultScene, hub } from '../fault-scene';
import { FaultEffect, FaultMatch } from '../../../registry/faults';

const break_ = (match: FaultMatch, effect: FaultEffect) => (scene: FaultScene) => void scene.fault(match, effect, hub);

function passing(broken: string, match: FaultMatch, effect: FaultEffect): Fault {
  return {
    phase: 'base', broken, happen: break_({ ...match, times: 1 }, effect), does: { result: 'built', cache: 'not used' }, next: { result: 'built', cache: 'used' }, within: 60,
  };
}

function lasting(broken: string, match: FaultMatch, effect: FaultEffect, says: string, within = 60): Fault {
  return {
    phase: 'base', broken, happen: break_(match, effect), does: { result: 'fails' }, says: `ERROR: the image could not be built or pushed: ${says}`, next: { result: 'built', cache: 'not used' }, within,
  };
}

export const baseImageFaults: readonly Fault[] = [
  passing('429 for the manifest, once', asked.base, refuse(429)),
  passing('503 for the manifest, once', asked.base, refuse(503)),
  passing('500 for a layer, once', asked.baseLayer, refuse(500)),
  passing('the connection of a layer is cut in the middle, once', { ...asked.baseLayer }, { kind: 'cut', after: 100_000 }),
  passing('each answer takes a second', asked.base, { kind: 'delay', ms: 1000 }),
  lasting('429 for the manifest, always', asked.base, refuse(429), '...429 Too Many Requests...'),
  lasting('500 for the manifest, always', asked.base, refuse(500), '...500 Internal Server Error...'),
  lasting('the image is not there', asked.base, refuse(404, 'MANIFEST_UNKNOWN'), '...not found...'),
  lasting('denied', asked.base, refuse(403), '...403 Forbidden...'),
  lasting('the connection is always closed', asked.base, drop, '...EOF...'),
  lasting('the page of a proxy instead of the manifest', asked.base, page, '...'),
  lasting('a layer is not there', asked.baseLayer, refuse(404, 'BLOB_UNKNOWN'), '...not found...'),
  lasting('a layer is another one', asked.baseLayer, { kind: 'answer', status: 200, type: 'application/octet-stream', body: 'x' }, '...'),
  lasting('silence, asked for the manifest', asked.base, silent, 'nothing came for 90 seconds during \'[internal] load metadata for ...\'', 200),
  lasting('silence, asked for a layer', asked.baseLayer, silent, 'nothing came for 90 seconds during \'...\'', 200),
  lasting('a layer that stalls', asked.baseLayer, { kind: 'stall', after: 100_000 }, 'nothing came for 90 seconds during \'...\'', 200),
];
