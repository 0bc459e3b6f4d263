import { FaultEffect } from '../../../registry/faults';
import { Fault } from '../fault';
import { asked, drop, lose, page, refuse, silent } from '../fault-effects';

function passing(broken: string, effect: FaultEffect): Fault {
  return {
    phase: 'lookup',
    broken,
    happen: scene => void scene.fault({ ...asked.tag, times: 1 }, effect),
    does: { result: 'built', cache: 'not used' },
    next: { result: 'built', cache: 'used' },
    within: 60,
  };
}

function lasting(broken: string, effect: FaultEffect, says: string, within = 60): Fault {
  return {
    phase: 'lookup',
    broken,
    happen: scene => void scene.fault(asked.tag, effect),
    does: { result: 'fails' },
    says: `ERROR: ${says}`,
    next: { result: 'built', cache: 'not used' },
    within,
  };
}

export const lookupFaults: readonly Fault[] = [
  passing('429, once', refuse(429)),
  passing('503, once', refuse(503)),
  passing('the answer is lost, once', lose),
  passing('the answer is truncated, once', { kind: 'cut', after: 20 }),
  passing('the answer takes 5 seconds', { kind: 'delay', ms: 5000 }),
  lasting('429, always', refuse(429), 'the registry cannot say whether ... has \'...\' (HTTP 429): ...'),
  lasting('500, always', refuse(500), 'the registry cannot say whether ... has \'...\' (HTTP 500): ...'),
  lasting('denied', refuse(403), 'the registry denies access to ... (HTTP 403): ...'),
  lasting('the token has expired', refuse(401), 'the registry denies access to ... (HTTP 401): ...'),
  lasting('the connection is always closed', drop, 'the registry ... cannot be reached: ...'),
  lasting('a proxy answers with an HTML page', page, '... answers with something else than a manifest: <html>...'),
  lasting('a 404 that does not come from the registry', { kind: 'answer', status: 404, type: 'text/html', body: '<html>404</html>' }, 'the answer for ... is not that of its registry (HTTP 404): ...'),
  lasting('the repository does not exist', refuse(404, 'NAME_UNKNOWN'), 'the repository ... does not exist; it has to be deployed before its first image is built'),
  lasting('no answer', silent, 'the registry ... cannot be reached: it did not answer for 30 seconds', 150),
];
