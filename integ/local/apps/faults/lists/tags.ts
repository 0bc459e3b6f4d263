import { FaultEffect, FaultMatch } from '../../../registry/faults';
import { Fault } from '../fault';
import { asked, drop, refuse, silent } from '../fault-effects';

function lasting(broken: string, effect: FaultEffect, says: string, within = 60): Fault {
  return {
    phase: 'tags', broken, happen: scene => void scene.fault(asked.latest, effect), does: { result: 'fails' }, says: `ERROR: ${says}`, next: { result: 'already there' }, within,
  };
}

function passing(broken: string, match: FaultMatch, effect: FaultEffect): Fault {
  return {
    phase: 'tags', broken, happen: scene => void scene.fault(match, effect), does: { result: 'built', cache: 'not used' }, next: { result: 'built', cache: 'used' }, within: 60,
  };
}

/** Set when the image has its own tag and the cache is written: the next run finds the image, and sets them. */
export const tagFaults: readonly Fault[] = [
  passing('503, once', { ...asked.latest, times: 1 }, refuse(503)),
  passing('the connection is closed, once', { ...asked.latest, times: 1 }, drop),
  {
    ...passing('the tag is immutable and belongs to another image', asked.latest, refuse(400, 'TAG_INVALID', 'the tag is immutable')),
    says: 'WARNING: the tag \'latest\' is immutable and stays with the image that has it',
  },
  {
    ...passing('the image has as many tags as Amazon ECR allows', asked.latest, refuse(400, 'LimitExceededException', 'too many tags per image')),
    says: 'WARNING: the image has as many tags as Amazon ECR allows, so it does not get the tag \'latest\'; delete some that nobody needs',
  },
  lasting('denied', refuse(403), 'the tag \'latest\' cannot be set in ... (HTTP 403): ...'),
  lasting('500, always', refuse(500), 'the tag \'latest\' cannot be set in ... (HTTP 500): ...'),
  lasting('no answer', silent, 'the registry ... cannot be reached: it did not answer for 30 seconds', 150),
];
