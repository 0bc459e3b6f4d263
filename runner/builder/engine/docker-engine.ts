import { EngineSolver } from './engine-solver';
import { Failure } from '../../report/failure';
import { Builder, BuilderContext } from '../builder';
import { engineInfo } from '../engine-info';
import { keepMirrorsItKnows, keepMirrorsOfClient } from '../mirror-support';

/** The Docker engine that the build image starts. */
export function dockerEngine(context: BuilderContext): Builder {
  return startEngine(context, 'the Docker engine', context.cache.keeper);
}

/**
 * The engine that `docker` talks to.
 *
 * @param name what the report calls it
 * @param keeper where its layers stay, if they do
 */
export function startEngine(context: BuilderContext, name: string, keeper: string | undefined): Builder {
  return {
    start: async () => {
      const info = await engineInfo(context.env);
      if (!info) throw new Failure('no Docker engine answers: the build needs privileged mode and a build image with Docker');
      const description = `${keeper ?? name}, ${info.version}`;
      context.log.line(`builder: ${description}`);
      await keepMirrorsItKnows({ name: 'default', description }, context);
      await keepMirrorsOfClient(context);
      const solver = new EngineSolver(context, info, keeper !== undefined);
      return {
        description,
        keeper,
        build: async (job) => solver.build(job),
        keepLayers: async (job) => solver.keepLayers(job),
        stop: async () => undefined,
      };
    },
  };
}
