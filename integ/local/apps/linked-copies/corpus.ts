import { conflicts } from './conflicts';
import { destinations } from './destinations';
import { CorpusEntry } from './entry';
import { folders } from './folders';
import { instructions } from './instructions';
import { links } from './links';
import { ownersAndModes } from './owners-and-modes';
import { stages } from './stages';

/** All Dockerfiles whose images are compared. */
export const corpus: readonly CorpusEntry[] = [...folders, ...ownersAndModes, ...links, ...destinations, ...stages, ...conflicts, ...instructions];
