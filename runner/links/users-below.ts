import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';
import { ImageArchives, ReadWatch } from '../builder/builder';
import { placeOther } from '../image/context';
import { ImageJob } from '../image/image-job';
import { layerEntries } from '../layers/layer-entries';
import { GROUP, PASSWD, UserNames, userNames } from '../layers/user-names';

/** The users of the layers below a copy, which builds them. Undefined where that fails: the build of the image says why. */
export async function usersBelow(
  job: ImageJob, dockerfile: Dockerfile, first: DockerfileInstruction, archives: ImageArchives, watch: ReadWatch,
): Promise<UserNames | undefined> {
  const stage = dockerfile.stages.find(({ instructions }) => instructions.includes(first))!;
  const below = dockerfile.content.split('\n').slice(0, first.line - 1);
  const files = [PASSWD, GROUP].map((file) => file.replace(/.$/, '[$&]')).join(' '); // as patterns, since they need not be there
  const content = [...below, 'FROM scratch', `COPY --from=${stage.index} ${files} /etc/`, ''].join('\n');
  const alone = { ...job, dockerfile: placeOther(job, 'users', content), plan: { ...job.plan, target: undefined } };
  try {
    const entries = await archives.read(alone, 'tar', async (archive) => layerEntries(archive, false, [PASSWD, GROUP]), watch);
    return userNames(...[PASSWD, GROUP].map((file) => entries.find(({ path: found }) => found === file)?.content));
  } catch {
    return undefined;
  }
}
