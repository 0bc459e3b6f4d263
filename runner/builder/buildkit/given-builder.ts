import { BuildkitRequest, StartedBuildkit } from './buildkit';
import { runProgram } from '../../process/run-program';
import { BuilderContext } from '../builder';

interface GivenBuilderRequest extends Pick<BuildkitRequest, 'settings'> {
  readonly context: Pick<BuilderContext, 'env' | 'ownEnv' | 'log'>;
}

/** The builder that `BUILDX_BUILDER` names. */
export async function givenBuilder({ settings, context }: GivenBuilderRequest): Promise<StartedBuildkit | undefined> {
  const name = context.ownEnv.BUILDX_BUILDER;
  if (!name) return undefined;
  const { ok, reason } = await runProgram('docker', ['buildx', 'inspect', '--bootstrap', name], { env: context.env, timeout: 120_000 });
  if (!ok) {
    context.log.warn(`the builder '${name}' given in BUILDX_BUILDER does not answer, another one is used: ${reason}`);
    return undefined;
  }
  if (settings.config !== undefined || settings.maxParallelism !== undefined) {
    context.log.warn(`the builder '${name}' has settings of its own: config and maxParallelism do not reach it`);
  }
  return { name, description: `given in BUILDX_BUILDER, ${name}` };
}
