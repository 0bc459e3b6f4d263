import { startEngine } from './docker-engine';
import { Builder, BuilderContext } from '../builder';

/** A Docker server of CodeBuild: `docker` talks to it as to any other engine, since CodeBuild sets the way to it. It keeps its layers. */
export function dockerServer(context: BuilderContext): Builder {
  return startEngine(context, 'the Docker server', 'the Docker server');
}
