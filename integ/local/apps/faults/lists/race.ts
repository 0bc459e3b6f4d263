import { Fault } from '../fault';
import { asked } from '../fault-effects';
import { FaultScene, SceneBuild } from '../fault-scene';

const FROM_CACHE = { result: 'built', cache: 'used' } as const;

/** Another build in the same repository, from a cloud assembly of its own. */
function other(scene: FaultScene): FaultScene {
  const twin = new FaultScene(scene.lab, scene.name);
  twin.change(scene.source);
  return twin;
}

async function both(...builds: Promise<SceneBuild>[]): Promise<SceneBuild[]> {
  const done = await Promise.all(builds);
  for (const { code, log } of done) if (code !== 0) throw new Error(log);
  return done;
}

export const raceFaults: readonly Fault[] = [
  {
    phase: 'race',
    broken: 'another build sets the tag first, to an image with other contents',
    play: async scene => {
      const twin = other(scene);
      twin.change({ marker: 'other' });
      twin.write(scene.tag);
      let theirs: Promise<SceneBuild> | undefined;
      // ours waits with its tag until the other one has set it
      scene.fault({ ...asked.setTag, times: 1, onHit: () => theirs = twin.build() }, { kind: 'delay', ms: 8000 });
      const ours = await scene.build();
      await both(theirs!);
      scene.expect(twin.source);
      return ours;
    },
    does: { result: 'built by another build at the same time', cache: 'not used' },
    next: FROM_CACHE,
    within: 60,
  },
  {
    phase: 'race',
    broken: 'another build of the same source',
    play: async scene => {
      const builds = await both(scene.build(), other(scene).build());
      return builds.find(({ report }) => report.result === 'built')!;
    },
    does: { result: 'built', cache: 'not used' },
    next: FROM_CACHE,
    within: 60,
  },
  {
    phase: 'race',
    broken: 'another build of another source, with the same cache',
    play: async scene => {
      const twin = other(scene);
      twin.change({ marker: 'other', place: 'two' });
      const [ours] = await both(scene.build(), twin.build());
      return ours;
    },
    does: { result: 'built', cache: 'used or not' },
    next: FROM_CACHE,
    within: 60,
  },
];
