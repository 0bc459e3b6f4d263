import { Fault } from '../fault';
import { asked, refuse, silent } from '../fault-effects';
import { FaultScene } from '../fault-scene';

const settings = () => ({ builder: { kind: 'dockerEngine' }, layerCache: { kind: 'inline', tags: ['latest'], stages: [] } } as const);
const image = { method: /PUT/, url: /manifests\/cache-image_push$/ };
const engine = { phase: 'engine', settings, does: { result: 'built', cache: 'not used' }, next: { result: 'built', cache: 'used' }, within: 60 } as const;
const failing = { ...engine, does: { result: 'fails' }, next: { result: 'built', cache: 'not used' } } as const;

export const engineFaults: readonly Fault[] = [
  { ...engine, broken: '500 for the manifest, once', happen: (scene: FaultScene) => void scene.fault({ ...image, times: 1 }, refuse(500)), says: 'WARNING: the push failed, and is tried again: ...' },
  { ...failing, broken: 'the role may not push', happen: (scene: FaultScene) => void scene.fault(asked.upload, refuse(403)), says: 'ERROR: the image could not be pushed: denied: ...' },
  {
    ...failing,
    broken: 'the engine is killed while it pushes',
    play: async (scene: FaultScene) => {
      const machine = await scene.freshMachine();
      scene.until(async () => machine.wipe());
      scene.fault({ ...asked.upload, times: 1, onHit: () => machine.kill() }, silent);
      return scene.build({ machine });
    },
    says: 'ERROR: the image could not be pushed: ...',
  },
];
