import { ReadyPlan } from '../input/read-plan';

/** Whatever Docker knows by this name was only tried: it is in no registry. */
const PREFIX = 'cached-docker-build';

/** What the engine of this machine calls an image that is only tried. Docker takes small letters, and a few signs between them. */
export function localName({ name, tag }: Pick<ReadyPlan, 'name' | 'tag'>): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'image';
  return `${PREFIX}/${plain}:${tag.slice(0, 12)}`;
}
