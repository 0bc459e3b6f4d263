import { setAdditionalTags } from '../../../runner/image/additional-tags';
import { RegistryClient } from '../../../runner/registry/registry-client';
import { Failure } from '../../../runner/report/failure';
import { collectedLog } from '../testhelpers/collected-log';
import { someJob } from '../testhelpers/some-job';

const MANIFEST = { type: 'application/json', body: Buffer.from('{}'), digest: 'sha256:1' };

/** Sets tags, and gives what the log says. */
async function set(tags: readonly string[], setTag: (tag: string) => Promise<boolean>): Promise<string[]> {
  const { log, lines } = collectedLog();
  const registry = { manifest: async () => undefined, setTag } as unknown as RegistryClient;
  await setAdditionalTags({ ...someJob(), log }, MANIFEST, registry, tags);
  return lines;
}

test('a tag too many costs a warning, and the others are set', async () => {
  const taken: string[] = [];
  const lines = await set(['commit', 'latest'], async (tag) => {
    if (tag === 'commit') throw new Failure("the tag 'commit' cannot be set (HTTP 400): LimitExceededException: the image has reached the maximum number of tags per image '1000'");
    taken.push(tag);
    return true;
  });
  expect(taken).toEqual(['latest']);
  expect(lines).toEqual([expect.stringContaining("the image has as many tags as Amazon ECR allows, so it does not get the tag 'commit'; delete some that nobody needs")]);
});

test('an immutable tag stays where it is', async () => {
  expect(await set(['v1'], async () => false)).toEqual([expect.stringContaining("the tag 'v1' is immutable and stays with the image that has it")]);
});

test('any other reason fails the build', async () => {
  await expect(set(['v1'], async () => { throw new Failure('denied'); })).rejects.toThrow('denied');
});
