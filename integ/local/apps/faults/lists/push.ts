import { FaultEffect, FaultMatch } from '../../../registry/faults';
import { Fault } from '../fault';
import { asked, drop, expired, lose, refuse, silent } from '../fault-effects';

function passing(broken: string, match: FaultMatch, effect: FaultEffect): Fault {
  return {
    phase: 'push', broken, happen: scene => void scene.fault({ ...match, times: 1 }, effect), does: { result: 'built', cache: 'not used' }, next: { result: 'built', cache: 'used' }, within: 60,
  };
}

function lasting(broken: string, match: FaultMatch, effect: FaultEffect, says: string, more: Partial<Fault> = {}): Fault {
  return {
    phase: 'push',
    broken,
    happen: scene => void scene.fault(match, effect),
    does: { result: 'fails' },
    says: `ERROR: the image could not be built or pushed: ${says}`,
    next: { result: 'built', cache: 'not used' },
    within: 60,
    ...more,
  };
}

export const pushFaults: readonly Fault[] = [
  passing('429 when the upload of a layer begins, once', asked.upload, refuse(429)),
  passing('503 while a layer is uploaded, once', asked.bytes, refuse(503)),
  passing('the connection is closed when the upload of a layer begins, once', asked.upload, drop),
  passing('the connection is closed while a layer is uploaded, once', asked.bytes, drop),
  passing('the answer to the upload of a layer is lost, once', asked.bytes, lose),
  passing('500 for the manifest, once', asked.image, refuse(500)),
  passing('the answer to the push of the manifest is lost, once', asked.image, lose),
  lasting('500 for the layers, always', asked.upload, refuse(500), '...failed to push ...'),
  lasting('503 for the manifest, always', asked.image, refuse(503), '...failed to push ...'),
  lasting('the role may not push', asked.upload, refuse(403), '...failed to push ...: denied: ...'),
  lasting('the role may not push, after builds that could', asked.upload, refuse(403), '...failed to push ...: denied: ...', { isSecondBuild: true, next: { result: 'built', cache: 'used' } }),
  lasting('the token expires before the push', asked.upload, expired, '...Your authorization token has expired...'),
  lasting('the token expires before the manifest', asked.image, expired, '...Your authorization token has expired...'),
  lasting('the disk of the registry is full', asked.bytes, refuse(507), '...failed to push ...'),
  lasting('no answer when the upload of a layer begins', asked.upload, silent, 'nothing came for 90 seconds during \'exporting to image\'', { within: 200 }),
  lasting('no answer while a layer is uploaded', asked.bytes, silent, 'nothing came for 90 seconds during \'exporting to image\'', { within: 200 }),
  lasting('no answer when the manifest is pushed', asked.image, silent, 'nothing came for 90 seconds during \'exporting to image\'', { within: 200 }),
];
