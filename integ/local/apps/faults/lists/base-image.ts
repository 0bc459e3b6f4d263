import { FaultEffect, FaultMatch } from '../../../registry/faults';
import { Fault } from '../fault';
import { asked, drop, page, refuse, silent } from '../fault-effects';
import { FaultScene, hub } from '../fault-scene';

/** Requests for the layer of the base image. */
const LAYER = 'the layer';

const breakIt = (match: FaultMatch | typeof LAYER, effect: FaultEffect, times?: number) => async (scene: FaultScene) => {
  const layer = async () => ({ method: /GET/, url: new RegExp((await scene.storedBase().layers())[0]) });
  scene.fault({ ...match === LAYER ? await layer() : match, times }, effect, hub);
};

function passing(broken: string, match: FaultMatch | typeof LAYER, effect: FaultEffect): Fault {
  return {
    phase: 'base', broken, happen: breakIt(match, effect, 1), does: { result: 'built', cache: 'not used' }, next: { result: 'built', cache: 'used' }, within: 60,
  };
}

function lasting(broken: string, match: FaultMatch | typeof LAYER, effect: FaultEffect, says: string, within = 60): Fault {
  return {
    phase: 'base', broken, happen: breakIt(match, effect), does: { result: 'fails' }, says: `ERROR: the image could not be built or pushed: ${says}`, next: { result: 'built', cache: 'not used' }, within,
  };
}

export const baseImageFaults: readonly Fault[] = [
  passing('429 for the manifest, once', asked.base, refuse(429)),
  passing('500 for a layer, once', LAYER, refuse(500)),
  passing('the connection is closed while a layer is downloaded, once', LAYER, { kind: 'cut', after: 100_000 }),
  passing('each answer takes a second', asked.base, { kind: 'delay', ms: 1000 }),
  lasting('429 for the manifest, always', asked.base, refuse(429), '...429 Too Many Requests...'),
  lasting('the base image does not exist', asked.base, refuse(404, 'MANIFEST_UNKNOWN'), '...not found...'),
  lasting('denied', asked.base, refuse(403), '...403 Forbidden...'),
  lasting('the connection is always closed', asked.base, drop, '...EOF...'),
  lasting('a proxy answers with an HTML page instead of the manifest', asked.base, page, '...failed to resolve source metadata for ...'),
  lasting('a layer is missing', LAYER, refuse(404, 'BLOB_UNKNOWN'), '...not found...'),
  lasting('a layer has other bytes than its digest says', LAYER, { kind: 'garble' }, '...unexpected commit digest ...'),
  lasting('no answer for the manifest', asked.base, silent, 'nothing came for 90 seconds during \'[internal] load metadata for ...\'', 200),
  lasting('no answer for a layer', LAYER, silent, 'nothing came for 90 seconds during \'...FROM ...\'', 200),
  lasting('a layer that stalls', LAYER, { kind: 'stall', after: 100_000 }, 'nothing came for 90 seconds during \'...FROM ...\'', 200),
];
