import * as fs from 'fs';
import * as path from 'path';
import { BuildKit } from '../../../engines/build-kit';
import { FaultMatch } from '../../../registry/faults';
import { freshDirectory } from '../../../world/directories';
import { execute } from '../../../world/execute';
import { End } from '../../written-assembly';
import { Did, Fault } from '../fault';
import { asked, silent } from '../fault-effects';
import { FaultScene } from '../fault-scene';

const BUILT: Did = { result: 'built', cache: 'not used' };
const FROM_CACHE: Did = { result: 'built', cache: 'used' };

/** The machine vanishes with everything on it, in the moment of a request. */
function vanishes(moment: string, match: FaultMatch, next: Did): Fault {
  return {
    phase: 'machine',
    broken: `the machine is lost ${moment}`,
    play: async scene => {
      let end: End = () => undefined;
      scene.fault({ ...match, times: 1, onHit: () => end('SIGKILL') }, silent);
      return scene.build({ onStart: given => end = given });
    },
    does: { result: 'ended' },
    next,
    within: 60,
  };
}

/** BuildKit is gone in the moment of a request, and the machine goes on. */
function dies(moment: string, match: FaultMatch, rest: Pick<Fault, 'does' | 'next' | 'says'>): Fault {
  return {
    phase: 'machine',
    broken: `BuildKit is killed ${moment}`,
    play: async scene => {
      const machine = await BuildKit.fresh({ isInMemory: true });
      scene.until(async () => machine.wipe());
      scene.fault({ ...match, times: 1, onHit: () => machine.kill() }, silent);
      return scene.build({ machine });
    },
    within: 60,
    ...rest,
  };
}

/** A directory for temporary files that holds so many kilobytes. */
async function giveSmallTemporary(scene: FaultScene, size: number): Promise<void> {
  const directory = freshDirectory('small');
  await execute('mount', ['-t', 'tmpfs', '-o', `size=${size}k`, 'tmpfs', directory]);
  scene.until(async () => execute('umount', ['--lazy', directory]));
  scene.environment = { TMPDIR: directory };
}

const failing = { phase: 'machine', does: { result: 'fails' }, next: BUILT, within: 60 } as const;

export const machineFaults: readonly Fault[] = [
  vanishes('while it asks for the tag', asked.tag, BUILT),
  vanishes('while it reads the cache', asked.importedCache, BUILT),
  vanishes('while it pushes a layer', asked.upload, BUILT),
  vanishes('while it pushes the manifest', asked.image, BUILT),
  vanishes('before the check', asked.pushed, BUILT),
  vanishes('before the tag', asked.setTag, BUILT),
  vanishes('before the cache is written', asked.export, { result: 'already there' }),
  vanishes('before the record is written', asked.recordWrite, { result: 'already there' }),
  vanishes('before an additional tag', asked.latest, { result: 'already there' }),
  {
    ...failing,
    broken: 'the build is stopped',
    play: async scene => {
      let end: End = () => undefined;
      scene.fault({ ...asked.upload, times: 1, onHit: () => end('SIGTERM') }, silent);
      return scene.build({ onStart: given => end = given });
    },
    says: 'ERROR: the build was ended by SIGTERM; the next one does what is missing',
  },
  dies('while it reads the cache', asked.importedCache, { does: { result: 'fails' }, says: 'ERROR: the image could not be built or pushed: ...', next: BUILT }),
  dies('while it pushes a layer', asked.upload, { does: { result: 'fails' }, says: 'ERROR: the image could not be built or pushed: ...', next: BUILT }),
  dies('while it writes the cache', asked.export, { does: BUILT, says: 'WARNING: the layer cache was not written, so the next build may be slower: ...', next: BUILT }),
  {
    ...failing,
    broken: 'neither BuildKit nor a Docker engine answers',
    play: async scene => {
      const machine = await BuildKit.fresh({ isInMemory: true });
      await machine.stop();
      scene.until(async () => machine.wipe());
      return scene.build({ machine });
    },
    says: 'ERROR: no BuildKit could be started...',
  },
  {
    ...failing,
    broken: 'the disk of BuildKit is full',
    play: async scene => {
      const machine = await BuildKit.fresh({ diskSize: 1200 });
      scene.until(async () => machine.wipe());
      return scene.build({ machine });
    },
    says: 'ERROR: the image could not be built or pushed: ...no space left on device...',
  },
  { ...failing, broken: 'the disk for temporary files is full', happen: async scene => giveSmallTemporary(scene, 8), says: 'ERROR: the disk for temporary files is full (...): take a build machine with a larger disk, or set TMPDIR to a directory with more space' },
  {
    phase: 'machine',
    broken: 'the disk for temporary files is too small to inspect the layers',
    happen: async scene => giveSmallTemporary(scene, 64),
    does: BUILT,
    next: FROM_CACHE,
    within: 60,
  },
  {
    ...failing,
    broken: 'the directory for temporary files does not exist',
    happen: scene => void (scene.environment = { TMPDIR: '/nowhere' }),
    says: 'ERROR: no temporary directory can be made in /nowhere: ...; set TMPDIR to a directory that can be written',
  },
  {
    ...failing,
    broken: 'the Docker configuration is invalid',
    happen: scene => {
      const home = freshDirectory('home');
      fs.mkdirSync(path.join(home, '.docker'));
      fs.writeFileSync(path.join(home, '.docker/config.json'), '{');
      scene.environment = { HOME: home };
    },
    says: 'ERROR: ...config.json...',
  },
];
