import * as fs from 'fs';
import * as path from 'path';
import { Fault, nameOf } from '../../apps/faults/fault';
import { faults } from '../../apps/faults/faults';
import { faultsReport } from '../../apps/faults/faults-report';
import { makeTemplate, PlayedFault, playFault, saysLike } from '../../apps/faults/play-fault';
import { baseImages } from '../../images/base-images';
import { inLanes } from '../../world/in-lanes';
import { Lab } from '../../world/lab';

// Whatever goes wrong, the image is right or the build fails and says why, nothing is half-tagged, the next build is right, and nothing waits for ever.

const document = path.join(__dirname, '../../../../docs/faults.md');

/** Builds that wait for a silent server cost nothing meanwhile. There is one engine at a time, and one API of AWS for all. */
const isAlone = ({ phase }: Fault) => phase === 'engine' || phase === 'login';
const lanes: readonly { readonly count: number; readonly has: (fault: Fault) => boolean }[] = [
  { count: 20, has: ({ within }) => within > 100 },
  { count: 1, has: fault => fault.within <= 100 && isAlone(fault) },
  { count: 3, has: fault => fault.within <= 100 && !isAlone(fault) },
];

let lab: Lab;
let plays: Map<Fault, Promise<PlayedFault>>;
const heldTrue: Fault[] = [];

beforeAll(async () => {
  lab = await Lab.start();
  await (await baseImages.busybox()).publish(lab.registry, 'docker.io/library/busybox:stable');
  await lab.s3.createBucket('layers', 'eu-west-1');
  const template = await makeTemplate(lab);
  plays = new Map(lanes.flatMap(({ count, has }) => (
    [...inLanes(faults.filter(has), count, async fault => playFault(template, `fault-${faults.indexOf(fault)}`, fault))])));
  plays.forEach(play => play.catch(() => undefined)); // the test of the fault says it
}, 600_000);

afterAll(async () => lab.stop());

test.each(faults.map(fault => [nameOf(fault), fault] as const))('%s', async (_, fault) => {
  const { build, next } = await plays.get(fault)!;
  if (process.env.PLAY_VERBOSE) process.stderr.write(`${nameOf(fault)}\n${build.log}\n\n${next.log}\n\n`);
  const does = fault.does.cache === 'used or not' ? { ...fault.does, cache: build.did.cache } : fault.does;
  expect({ did: build.did, next: next.did, log: build.log }).toEqual({ did: does, next: fault.next, log: build.log });
  if (fault.says !== undefined) expect(build.log).toMatch(saysLike(fault.says));
  const hasTag = build.did.result !== 'fails' && build.did.result !== 'ended' || fault.next.result === 'already there';
  expect(build.tagged).toBe(hasTag ? 'the right image' : 'nothing');
  expect(next.tagged).toBe('the right image');
  expect(next.log).not.toMatch(/^(WARNING|ERROR)/m);
  expect(build.seconds).toBeLessThan(fault.within);
  heldTrue.push(fault);
});

test('the page of faults has each of them as it came out', () => {
  const page = faultsReport(heldTrue);
  expect(heldTrue.length).toBeGreaterThanOrEqual(60);
  if (process.env.PLAY_RECORD) fs.writeFileSync(document, page);
  expect(fs.readFileSync(document, 'utf8')).toBe(page);
});
