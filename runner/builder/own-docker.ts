import { BuilderContext } from './builder';
import { givenBuilder } from './buildkit/given-builder';
import { BuildxSolver } from './buildx-solver';
import { engineInfo } from './engine-info';
import { BuildkitSettings } from '../../lib/plan/step-settings';
import { Failure } from '../report/failure';

/**
 * The Docker of this machine as it is, for images that stay there: its engine builds them, whatever its store is, or the builder of `BUILDX_BUILDER` does and hands
 * them over. Nothing is started.
 */
export async function ownDocker(settings: BuildkitSettings, context: BuilderContext): Promise<BuildxSolver> {
  const engine = await engineInfo(context.env);
  if (!engine) throw new Failure('no Docker engine answers, and the image has to be in one: start Docker (\'doctor\' says what this machine has)');
  const given = await givenBuilder({ settings, context });
  const instance = given ?? { name: engine.context, description: `the Docker engine, ${engine.version}` };
  context.log.line(`builder: ${instance.description}`);
  return new BuildxSolver(instance, context);
}
