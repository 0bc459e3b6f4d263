import * as fs from 'fs';
import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { kanikoSupport } from '../../../lib/dockerfile/kaniko-support';
import { ImageJob } from '../../image/image-job';
import { Failure } from '../../report/failure';

/** Fails when the Dockerfile of a source asks for what kaniko cannot do. That of a directory was checked at synthesis. */
export function checkKanikoSource({ plan, dockerfile: file, log }: ImageJob): void {
  if (plan.dockerfileContent !== undefined) return;
  if (!fs.existsSync(file)) throw new Failure(`the source has no ${plan.context}/${plan.dockerfile}`);
  const { buildArgs, platform, target, name } = plan;
  const dockerfile = Dockerfile.parse(fs.readFileSync(file, 'utf8'), { buildArgs });
  const { obstacles, differences } = kanikoSupport(dockerfile, { image: name, target, platform, buildArgs });
  if (obstacles.length > 0) throw new Failure(obstacles[0]);
  differences.forEach(({ message }) => log.warn(message));
}
