import { buildkitContainer } from './buildkit-container';
import { engineBeside } from './engine-beside';
import { givenBuilder } from './given-builder';
import { LoopbackGuard } from './loopback-guard';
import { runningEngine } from './running-engine';
import { BuildkitSettings } from '../../../lib/plan/step-settings';
import { Failure } from '../../report/failure';
import { Builder, BuilderContext } from '../builder';
import { BuildxInstance, BuildxSolver } from '../buildx-solver';
import { EngineInfo, engineInfo } from '../engine-info';
import { keepMirrorsItKnows } from '../mirror-support';
import { requireBuildx } from '../require-buildx';

/** What a way to a BuildKit is given. */
export interface BuildkitRequest {
  readonly settings: BuildkitSettings;
  readonly context: BuilderContext;
  readonly guard: LoopbackGuard;
  /** What the running engine says of itself, asked once. */
  readonly runningEngine: () => Promise<EngineInfo | undefined>;
}

/** A BuildKit that was found or started. */
export interface StartedBuildkit extends BuildxInstance {
  /** Leaves the machine as it was. */
  readonly stop?: () => Promise<void>;
}

/** A way to a BuildKit: undefined where it leads nowhere, which it says if that is a surprise. */
export type BuildkitWay = (request: BuildkitRequest) => Promise<StartedBuildkit | undefined>;

/** In the order in which they are tried. */
const WAYS: readonly BuildkitWay[] = [givenBuilder, runningEngine, engineBeside, buildkitContainer];

/**
 * A BuildKit on the build machine: one given from outside, the running engine's own where it can be used, that of an engine started beside it,
 * or a container of a pinned version. Only when none is left the build fails.
 */
export function buildkit(settings: BuildkitSettings, context: BuilderContext): Builder {
  return {
    start: async () => {
      const guard = new LoopbackGuard(context);
      let info: Promise<EngineInfo | undefined> | undefined;
      let started: StartedBuildkit | undefined;
      const stop = async () => {
        await started?.stop?.();
        await guard.remove();
      };
      try {
        started = await firstWay({ settings, context, guard, runningEngine: async () => info ??= engineInfo(context.env) });
        context.log.line(`builder: ${started.description}`);
        await keepMirrorsItKnows(started, context);
      } catch (error) {
        await stop();
        throw error;
      }
      const solver = new BuildxSolver(started, context);
      return {
        description: started.description,
        build: async (job, watch) => solver.build(job, watch),
        archives: solver,
        keepLayers: async (job) => solver.keepLayers(job),
        stop,
      };
    },
  };
}

async function firstWay(request: BuildkitRequest): Promise<StartedBuildkit> {
  for (const way of WAYS) {
    const started = await way(request);
    if (started) return started;
  }
  await requireBuildx(request.context.env);
  throw new Failure('no BuildKit could be started. The build needs privileged mode, a build image with Docker and buildx,'
    + ` and a way to pull ${request.settings.buildkitImage} (DockerBuilder.buildkit({ buildkitImage }) names another)`);
}

/** An engine's own BuildKit keeps layers in registries, and nowhere else, and takes none of BuildKit's own settings. */
export function engineWillDo({ settings, context }: BuildkitRequest): boolean {
  return context.cache.isForEngines && settings.config === undefined && settings.maxParallelism === undefined;
}
