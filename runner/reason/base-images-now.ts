import { BuildInputs } from './build-inputs';
import { ImageJob } from '../image/image-job';
import { parseDockerfile } from '../image/parse-dockerfile';
import { inParallel } from '../process/in-parallel';
import { runProgram } from '../process/run-program';
import { fullName } from '../registry/image-name';

/** The base images of the last build, as their registries have them now. */
export interface BaseImagesNow {
  /** The digests; those of the last build where they could not be asked for. */
  readonly digests: { readonly [image: string]: string };
  /** Why one could not be asked for. */
  readonly unknown: readonly string[];
}

/** Asks the registries of base images, as the `docker` of this machine does. One that the Dockerfile names by its digest stays what it is. */
export async function baseImagesNow(job: ImageJob, { baseImages }: BuildInputs, env: NodeJS.ProcessEnv): Promise<BaseImagesNow> {
  const texts = [parseDockerfile(job).content, ...Object.values(job.plan.buildArgs)].join('\n');
  const pinned = new Set([...texts.matchAll(/([\w./:-]+)@sha256:/g)].map(([, name]) => fullName(name)));
  const unknown: string[] = [];
  const found = await inParallel(Object.entries(baseImages), 4, async ([image, before]) => {
    if (pinned.has(image)) return [image, before];
    const { ok, stdout, reason } = await runProgram('docker', ['buildx', 'imagetools', 'inspect', '--format', '{{.Manifest.Digest}}', image], { env, timeout: 60_000 });
    const digest = /^sha256:[0-9a-f]{64}$/.exec(stdout.trim())?.[0];
    if (ok && digest !== undefined) return [image, digest];
    unknown.push(`whether the base image ${image} is another one: ${reason || 'Docker did not say its digest'}`);
    return [image, before];
  });
  return { digests: Object.fromEntries(found) as { [image: string]: string }, unknown };
}
