import { BuildkitRequest, BuildkitWay } from './buildkit';
import { runProgram } from '../../process/run-program';

const NAME = 'cached-docker-build';

/** How long the pull of BuildKit's image may take, in milliseconds: from a mirror, which may never answer, and from its own registry. */
const PATIENCE = { mirror: 180_000, upstream: 600_000 };

/** A container of the pinned BuildKit, from a mirror if its registry has one. */
export const buildkitContainer: BuildkitWay = async (request) => {
  const { settings: { buildkitImage }, context } = request;
  const mirrored = context.mirrors.mirrored(buildkitImage);
  const hasHostNetwork = await request.guard.protect();
  if (!hasHostNetwork) context.log.warn(`${request.guard.reason}: the container of BuildKit gets a network of its own`);
  const create = async (image: string, timeout: number) => createContainer(request, image, hasHostNetwork, timeout);
  const description = (image: string) => ({ name: NAME, description: `a container of ${image}` });

  if (mirrored !== buildkitImage) {
    const reason = await createFromMirror(request, mirrored, async () => create(mirrored, PATIENCE.mirror));
    if (reason === undefined) return description(mirrored);
    const failure = `no container of ${mirrored} could be started: ${reason}`;
    if (!await request.runningEngine()) { // without an engine, it is no matter of the mirror
      context.log.warn(failure);
      return undefined;
    }
    context.mirrors.giveUp(failure, [context.mirrors.mirrorOf(buildkitImage)!]);
  }
  const reason = await create(buildkitImage, PATIENCE.upstream);
  if (reason === undefined) return description(buildkitImage);
  context.log.warn(`no container of ${buildkitImage} could be started: ${reason}`);
  return undefined;
};

/**
 * A pull-through cache of Amazon ECR gets nothing by its digest that it does not have. Once it was asked for the tag, it has the image.
 *
 * @see https://github.com/aws/containers-roadmap/issues/2837
 */
async function createFromMirror({ context }: BuildkitRequest, image: string, create: () => Promise<string | undefined>): Promise<string | undefined> {
  const reason = await create();
  const [, tagged] = /^(.*:[^/@]+)@sha256:/.exec(image) ?? [];
  if (reason === undefined || tagged === undefined) return reason;
  const args = ['pull', '--quiet', tagged];
  context.log.command('docker', args);
  const { ok } = await runProgram('docker', args, { env: context.env, timeout: PATIENCE.mirror });
  return ok ? create() : reason;
}

/** Gives the reason when that fails. */
async function createContainer(request: BuildkitRequest, image: string, hasHostNetwork: boolean, timeout: number): Promise<string | undefined> {
  const { settings, context } = request;
  const { config, maxParallelism } = settings;
  const docker = async (args: readonly string[], limit = 60_000) => runProgram('docker', args, { env: context.env, timeout: limit });
  // A machine that is kept has the one of an earlier build, perhaps with another image and other settings; what that one knew is of use.
  await docker(['buildx', 'rm', '--force', '--keep-state', NAME]);
  await docker(['rm', '--force', `buildx_buildkit_${NAME}0`]);
  const args = [
    'buildx', 'create', '--name', NAME, '--driver', 'docker-container', '--driver-opt', `image=${image}`,
    ...hasHostNetwork ? ['--driver-opt', 'network=host'] : [],
    ...config === undefined ? [] : ['--buildkitd-config', context.work.write('buildkitd.toml', `${config}\n`)],
    ...maxParallelism === undefined ? [] : ['--buildkitd-flags', `--oci-max-parallelism=${maxParallelism}`],
    '--bootstrap',
  ];
  context.log.command('docker', args);
  const { ok, reason } = await docker(args, timeout);
  return ok ? undefined : reason;
}
