import { Fault } from '../fault';
import { asked, drop, lose, page, refuse, silent } from '../fault-effects';
import { FaultScene } from '../fault-scene';
import { FaultEffect } from '../../../registry/faults';

const always = (effect: FaultEffect) => (scene: FaultScene) => void scene.fault(asked.tag, effect);
const times = (count: number, effect: FaultEffect) => (scene: FaultScene) => void scene.fault({ ...asked.tag, times: count }, effect);

const passing = (broken: string, effect: FaultEffect): Fault => ({
  phase: 'lookup', broken, happen: times(1, effect), does: { result: 'built', cache: 'not used' }, next: { result: 'built', cache: 'used' }, within: 30,
});
const lasting = (broken: string, effect: FaultEffect, says: string, within = 30): Fault => ({
  phase: 'lookup', broken, happen: always(effect), does: { result: 'fails' }, says, next: { result: 'built', cache: 'not used' }, within,
});

/** While the registry is asked whether the image is there. */
export const lookupFaults: readonly Fault[] = [
  passing('429, once', refuse(429)),
  passing('503, once', refuse(503)),
  passing('the connection is closed, once', drop),
  passing('the answer is lost, once', lose),
  passing('the answer ends in the middle, once', { kind: 'cut', after: 20 }),
  passing('the answer takes 5 seconds', { kind: 'delay', ms: 5000 }),
  lasting('429, always', refuse(429), 'ERROR: the registry cannot say whether ... has \'...\' (HTTP 429): ...'),
  lasting('500, always', refuse(500), 'ERROR: the registry cannot say whether ... has \'...\' (HTTP 500): ...'),
  lasting('denied', refuse(403), 'ERROR: the registry denies access to ... (HTTP 403): ...'),
  lasting('the token is not valid any more', refuse(401), 'ERROR: the registry denies access to ... (HTTP 401): ...'),
  lasting('the connection is always closed', drop, 'ERROR: the registry ... cannot be reached: ...'),
  lasting('the page of a proxy instead of an answer', page, 'ERROR: ... answers with something else than a manifest: <html>...'),
  lasting('a 404 that is not the registry\'s', { kind: 'answer', status: 404, type: 'text/html', body: '<html>404</html>' }, 'ERROR: the answer for ... is not that of its registry (HTTP 404): ...'),
  lasting('the repository does not exist', refuse(404, 'NAME_UNKNOWN'), 'ERROR: the repository ... does not exist; it has to be deployed before its first image is built'),
  lasting('silent', silent, 'ERROR: the registry ... cannot be reached: it did not answer for 30 seconds', 110),
];
