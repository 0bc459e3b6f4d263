import { corpus } from '../../apps/linked-copies/corpus';
import { describeCorpus } from '../../apps/linked-copies/describe-corpus';
import { folders } from '../../apps/linked-copies/folders';

describeCorpus(folders);

test('without a proof, at least fifteen of all Dockerfiles would make another image, or none', () => {
  expect(corpus.filter(({ isTricky }) => isTricky).length).toBeGreaterThanOrEqual(15);
});
