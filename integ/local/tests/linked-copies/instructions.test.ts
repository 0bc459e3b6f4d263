import { conflicts } from '../../apps/linked-copies/conflicts';
import { describeCorpus } from '../../apps/linked-copies/describe-corpus';
import { destinations } from '../../apps/linked-copies/destinations';
import { instructions } from '../../apps/linked-copies/instructions';
import { stages } from '../../apps/linked-copies/stages';

describeCorpus([...destinations, ...stages, ...conflicts, ...instructions]);
