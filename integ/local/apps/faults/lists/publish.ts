import { FaultEffect, FaultMatch } from '../../../registry/faults';
import { Fault } from '../fault';
import { asked, drop, expired, lose, refuse, silent } from '../fault-effects';

function passing(broken: string, match: FaultMatch, effect: FaultEffect): Fault {
  return {
    phase: 'publish', broken, happen: scene => void scene.fault({ ...match }, effect), does: { result: 'built', cache: 'not used' }, next: { result: 'built', cache: 'used' }, within: 60,
  };
}

/** The cache is written behind the tag, so there is none. */
function lasting(broken: string, match: FaultMatch, effect: FaultEffect, says: string, within = 60): Fault {
  return {
    phase: 'publish', broken, happen: scene => void scene.fault(match, effect), does: { result: 'fails' }, says: `ERROR: ${says}`, next: { result: 'built', cache: 'not used' }, within,
  };
}

export const publishFaults: readonly Fault[] = [
  passing('the pushed image is not visible at first', { ...asked.pushed, times: 2 }, refuse(404, 'MANIFEST_UNKNOWN')),
  passing('429 for the tag, once', { ...asked.setTag, times: 1 }, refuse(429)),
  passing('500 for the tag, twice', { ...asked.setTag, times: 2 }, refuse(500)),
  passing('the connection is closed, once', { ...asked.setTag, times: 1 }, drop),
  passing('the answer is lost, once', { ...asked.setTag, times: 1 }, lose),
  lasting('the pushed image never becomes visible', asked.pushed, refuse(404, 'MANIFEST_UNKNOWN'), 'the registry does not have ..., which was just pushed to ...', 100),
  lasting('the registry answers with another image', asked.pushed, { kind: 'answer', status: 200, type: 'application/vnd.oci.image.manifest.v1+json', body: '{}' }, 'the registry answers with another image than ...'),
  lasting('500 for the tag, always', asked.setTag, refuse(500), 'the tag \'...\' cannot be set in ... (HTTP 500): ...'),
  lasting('the role may not set the tag', asked.setTag, refuse(403), 'the tag \'...\' cannot be set in ... (HTTP 403): ...'),
  lasting('the token expires before the tag', asked.setTag, expired, 'the tag \'...\' cannot be set in ... (HTTP 403): ...expired...'),
  lasting('no answer when the tag is set', asked.setTag, silent, 'the registry ... cannot be reached: it did not answer for 30 seconds', 150),
];
