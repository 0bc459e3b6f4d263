import { faults } from '../../apps/faults/faults';
import { makeTemplate, PlayedFault, playFault, saysLike, Template } from '../../apps/faults/play-fault';
import { baseImages } from '../../images/base-images';
import { Lab } from '../../world/lab';
import { inLanes } from '../../world/in-lanes';

let lab: Lab;
let template: Template;
const only = process.env.ONLY;
const chosen = faults.filter(f => !only || new RegExp(only).test(`${f.phase}: ${f.broken}`));
let plays: Map<typeof faults[number], Promise<PlayedFault>>;

beforeAll(async () => {
  lab = await Lab.start();
  await (await baseImages.busybox()).publish(lab.registry, 'docker.io/library/busybox:stable');
  await lab.s3.createBucket('layers', 'eu-west-1');
  template = await makeTemplate(lab);
  const play = async (f: typeof faults[number]) => playFault(template, `fault-${faults.indexOf(f)}`, f);
  const long = chosen.filter(f => f.within > 60);
  const short = chosen.filter(f => f.within <= 60);
  plays = new Map([...inLanes(long, Math.max(1, long.length), play), ...inLanes(short, 2, play)]);
  plays.forEach(p => p.catch(() => undefined));
}, 600_000);

afterAll(async () => lab.stop());

test.each(chosen.map(f => [`${f.phase}: ${f.broken}`, f] as const))('%s', async (name, fault) => {
  const { build, next } = await plays.get(fault)!;
  process.stderr.write(`## ${name}: ${JSON.stringify(build.did)} ${build.tagged} ${build.seconds.toFixed(1)}s | ${JSON.stringify(next.did)} ${next.tagged} ${next.seconds.toFixed(1)}s\n`
    + build.log.split('\n').filter(l => /WARN|ERROR|gave up|cache (read|written)/.test(l)).map(l => `   ${l.slice(0, 400)}\n`).join('')
    + next.log.split('\n').filter(l => /WARN|ERROR/.test(l)).map(l => `   next: ${l.slice(0, 400)}\n`).join(''));
  if (fault.says !== undefined) expect(build.log).toMatch(saysLike(fault.says));
  expect({ did: build.did, next: next.did }).toEqual({ did: fault.does, next: fault.next });
  expect(build.tagged).toBe(build.did.result === 'fails' || build.did.result === 'ended' ? (next.did.result === 'already there' ? 'the right image' : 'nothing') : 'the right image');
  expect(next.tagged).toBe('the right image');
  expect(next.log).not.toMatch(/WARNING|ERROR/);
  expect(build.seconds).toBeLessThan(fault.within);
});
