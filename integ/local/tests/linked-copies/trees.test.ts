import { describeCorpus } from '../../apps/linked-copies/describe-corpus';
import { links } from '../../apps/linked-copies/links';
import { ownersAndModes } from '../../apps/linked-copies/owners-and-modes';

describeCorpus([...ownersAndModes, ...links]);
