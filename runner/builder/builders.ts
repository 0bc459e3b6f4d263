import { Builder, BuilderContext } from './builder';
import { buildkit } from './buildkit/buildkit';
import { dockerEngine } from './engine/docker-engine';
import { dockerServer } from './engine/docker-server';
import { kaniko } from './kaniko/kaniko';
import { remote } from './remote/remote';
import { BuilderSettings } from '../../lib/plan/step-settings';
import { Failure } from '../report/failure';

/** The builder that settings describe. */
export function builder(settings: BuilderSettings, context: BuilderContext): Builder {
  switch (settings.kind) {
    case 'buildkit': return buildkit(settings, context);
    case 'dockerEngine': return dockerEngine(context);
    case 'dockerServer': return dockerServer(context);
    case 'remote': return remote(settings, context);
    case 'kaniko': return kaniko(context);
    default: throw new Failure(`this program knows no builder of kind '${(settings as { kind?: string }).kind}'`);
  }
}
