import { findKaniko } from './kaniko';
import { prepareParts } from './parts';
import { Engine, EngineSuite } from '../engines/engine';
import { prepareBaseImages } from '../images/base-images';

/** Gets everything the network is needed for; inside the isolation there is none. Fast when it is all there. */
export async function prepare(say: (line: string) => void = console.error): Promise<void> {
  await prepareParts(say);
  await findKaniko(say);
  await prepareBaseImages(say);
  for (const suite of ['bookworm', 'trixie', 'sid'] as EngineSuite[]) await Engine.prepare(suite, say);
}
