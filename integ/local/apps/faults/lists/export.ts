import { FaultEffect, FaultMatch } from '../../../registry/faults';
import { Fault } from '../fault';
import { asked, drop, expired, refuse, silent } from '../fault-effects';

function cache(broken: string, match: FaultMatch, effect: FaultEffect, within = 60): Fault {
  return {
    phase: 'export',
    broken,
    happen: scene => void scene.fault(match, effect),
    does: { result: 'built', cache: 'not used' },
    says: 'WARNING: the layer cache was not written, so the next build may be slower: ...',
    next: { result: 'built', cache: 'not used' },
    within,
  };
}

function record(broken: string, effect: FaultEffect, within = 60): Fault {
  return {
    phase: 'export',
    broken,
    happen: scene => void scene.fault(asked.recordWrite, effect),
    does: { result: 'built', cache: 'not used' },
    says: 'WARNING: what this build found out could not be kept, so the next one may be slower: ...',
    next: { result: 'built', cache: 'used' },
    within,
  };
}

export const exportFaults: readonly Fault[] = [
  { ...cache('429 for the cache, once', { ...asked.export, times: 1 }, refuse(429)), says: undefined, next: { result: 'built', cache: 'used' } },
  cache('500 for the cache, always', asked.export, refuse(500)),
  cache('the role may not write the cache', asked.export, refuse(403)),
  cache('the token expires before the cache', asked.export, expired),
  cache('the connection is always closed', asked.export, drop),
  cache('no answer for the cache', asked.export, silent, 200),
  record('500 for the record, always', refuse(500)),
  record('the role may not write the record', refuse(403)),
  record('no answer for the record', silent, 150),
];
