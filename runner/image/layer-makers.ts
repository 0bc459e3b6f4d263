import { ImageJob } from './image-job';
import { parseDockerfile } from './parse-dockerfile';
import { BuiltStages } from '../../lib/dockerfile/built-stages';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';
import { HistoryEntry } from '../layers/image-content';
import { textOf } from '../links/link-dockerfile';
import { STEPS } from '../solve/steps-below';

/** What made a layer of an image. */
export interface LayerMaker {
  /** The instruction, as it was built. */
  readonly step: string;
  /** The line of that instruction; undefined for one of the base image. */
  readonly line?: number;
  readonly isOfBaseImage: boolean;
}

/** What was looked into of an image that was built. */
export interface BuiltHistory {
  /** With the Dockerfile that was built. */
  readonly job: ImageJob;
  readonly history: readonly HistoryEntry[];
}

/**
 * What made each layer of an image, the lowest first: the last steps of the history are those of the Dockerfile. Undefined when the history is another one than the
 * Dockerfile makes.
 *
 * @param layers how many it has in its registry: behind those that BuildKit has made, there may be one for directories
 */
export function layerMakers(layers: number, { job, history }: BuiltHistory): LayerMaker[] | undefined {
  const steps = stepsOf(job);
  if (!steps) return undefined;
  const makers: LayerMaker[] = [];
  for (const { created_by: createdBy = '', empty_layer: isEmpty } of [...history].reverse()) {
    const [, keyword] = /^(RUN|COPY|ADD|WORKDIR) /.exec(createdBy) ?? [];
    const step = keyword === undefined ? undefined : steps.pop();
    if (step && step.keyword !== keyword) return undefined;
    if (isEmpty) continue;
    if (!step && steps.length > 0) return undefined;
    makers.unshift(step ? { step: textOf(step), line: step.line, isOfBaseImage: false } : { step: instructionIn(createdBy), isOfBaseImage: true });
  }
  if (steps.length > 0) return undefined;
  if (layers === makers.length + 1) makers.push({ step: 'owners and modes of directories that linked copies pass', isOfBaseImage: false });
  return layers === makers.length ? makers : undefined;
}

/** The instructions that make layers, of the stage that is built and of those that it starts from. Undefined where they are not known. */
function stepsOf(job: ImageJob): DockerfileInstruction[] | undefined {
  const { target, buildArgs } = job.plan;
  const dockerfile = parseDockerfile(job);
  const stages = new BuiltStages(dockerfile, { target, buildArgs });
  if (!dockerfile.isKnown || !stages.target) return undefined;
  const line = stages.ancestry(stages.target);
  // One that starts from another stage runs what that has left to do.
  if (line.slice(0, -1).some(({ instructions }) => instructions.some(({ keyword }) => keyword === 'ONBUILD'))) return undefined;
  return line.flatMap(({ instructions }) => instructions).filter(({ keyword }) => STEPS.includes(keyword));
}

/** An instruction as a history has it, without the values of build arguments. */
function instructionIn(createdBy: string): string {
  return createdBy.replace(/ # buildkit$/, '').replace(/^RUN (\|\d+ .*?)?\/bin\/sh -c /s, 'RUN ').replace(/^\/bin\/sh -c #\(nop\) +/, '').replace(/^(\|\d+ .*?)?\/bin\/sh -c /s, 'RUN ')
    .replace(/\s+/g, ' ').trim().slice(0, 200);
}
