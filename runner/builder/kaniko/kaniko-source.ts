import * as fs from 'fs';
import { ImageJob } from '../../image/image-job';
import { Failure } from '../../report/failure';

/** Fails when the Dockerfile of a source asks for what kaniko cannot do. That of a directory was checked at synthesis. */
export function checkKanikoSource({ plan, dockerfile }: ImageJob): void {
  if (plan.dockerfileContent !== undefined) return;
  if (!fs.existsSync(dockerfile)) throw new Failure(`the source has no ${plan.context}/${plan.dockerfile}`);
}
