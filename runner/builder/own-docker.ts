import { BuilderContext, BuildOutcome } from './builder';
import { givenBuilder } from './buildkit/given-builder';
import { BuildxSolver } from './buildx-solver';
import { engineInfo } from './engine-info';
import { BuildkitSettings } from '../../lib/plan/step-settings';
import { LayerCache } from '../cache/layer-cache';
import { ImageJob } from '../image/image-job';
import { Failure } from '../report/failure';

/** The Docker of this machine, which builds images that stay on it. */
export interface OwnDocker {
  readonly description: string;
  /** Whether it reads a layer cache. An engine reads those in registries only. */
  reads(cache: LayerCache): boolean;
  /** Builds an image into the engine, under a name. Fails with the reason. */
  load(job: ImageJob, name: string, cache: LayerCache): Promise<BuildOutcome>;
}

/**
 * The Docker of this machine as it is: its engine builds, whatever its store is, or the builder of `BUILDX_BUILDER` does and hands the image over. Nothing is started.
 */
export async function ownDocker(settings: BuildkitSettings, context: Omit<BuilderContext, 'cache'>): Promise<OwnDocker> {
  const engine = await engineInfo(context.env);
  if (!engine) throw new Failure('no Docker engine answers, and the image has to be in one: start Docker (\'doctor\' says what this machine has)');
  const given = await givenBuilder({ settings, context });
  const instance = given ?? { name: engine.context, description: `the Docker engine, ${engine.version}` };
  context.log.line(`builder: ${instance.description}`);
  return {
    description: instance.description,
    reads: ({ isForEngines }) => isForEngines || given !== undefined,
    load: async (job, name, cache) => new BuildxSolver(instance, { ...context, cache }).load(job, name),
  };
}
