import * as fs from 'fs';
import * as path from 'path';
import { ImageJob } from './image-job';
import { Failure } from '../report/failure';

/**
 * Fails when the context of an image or its Dockerfile is not in the source, or leads out of it. A link in a repository may name any file, and builders follow it on the way to what
 * they read: whoever may commit would get files of the build machine into an image. Links in the context are nobody's concern, since they are copied and not followed.
 */
export function checkSource({ plan, input, context, dockerfile }: ImageJob): void {
  const root = realPath(path.join(input, plan.context.split('/')[0])); // a link itself, made by the build, to where the source is
  if (root === undefined || !fs.statSync(context, { throwIfNoEntry: false })?.isDirectory()) throw new Failure(`the source has no folder ${plan.context}`);
  if (!fs.statSync(dockerfile, { throwIfNoEntry: false })?.isFile()) throw new Failure(`the source has no file ${path.posix.join(plan.context, plan.dockerfile)}, the Dockerfile of '${plan.name}'`);
  const isOfSource = plan.dockerfileContent === undefined; // any other one was written by this program
  for (const place of [context, ...isOfSource ? [dockerfile, `${dockerfile}.dockerignore`] : [], path.join(context, '.dockerignore')]) {
    const target = realPath(place);
    if (target === undefined || target === root || target.startsWith(`${root}${path.sep}`)) continue;
    throw new Failure(`${path.relative(input, place)} is behind a link that leads out of the source, to ${target}: a context and its Dockerfile have to be files of the source`);
  }
}

/** Undefined for what is not there. */
function realPath(file: string): string | undefined {
  try {
    return fs.realpathSync(file);
  } catch {
    return undefined;
  }
}
