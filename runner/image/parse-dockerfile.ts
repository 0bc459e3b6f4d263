import * as fs from 'fs';
import { ImageJob } from './image-job';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';

/** The Dockerfile of an image, or what is built in place of it, as its build understands it. */
export function parseDockerfile({ dockerfile, plan: { buildArgs, buildContexts = {} } }: ImageJob, content = fs.readFileSync(dockerfile, 'utf8')): Dockerfile {
  return Dockerfile.parse(content, { buildArgs, contexts: Object.keys(buildContexts) });
}
