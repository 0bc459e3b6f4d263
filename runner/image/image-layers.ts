import { ImageJob } from './image-job';
import { parseDockerfile } from './parse-dockerfile';
import { BuiltStages } from '../../lib/dockerfile/built-stages';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';
import { HistoryEntry } from '../layers/image-content';
import { isDescriptor } from '../layers/pushed-image';
import { textOf } from '../links/link-dockerfile';
import { Manifest } from '../registry/registry-client';
import { STEPS } from '../solve/steps-below';

/** A layer of an image. */
export interface ImageLayer {
  readonly digest: string;
  /** As it is in the registry. */
  readonly bytes: number;
  /** The instruction that made it; undefined where nobody has looked. */
  readonly step?: string;
  /** The line of that instruction; undefined for one of the base image. */
  readonly line?: number;
  readonly isOfBaseImage?: boolean;
}

/** What was looked into of an image that was built. */
export interface BuiltHistory {
  /** With the Dockerfile that was built. */
  readonly job: ImageJob;
  readonly history: readonly HistoryEntry[];
}

/** The layers of an image, the lowest first. Undefined where its manifest is none of an image. */
export function imageLayers({ body }: Manifest, built?: BuiltHistory): ImageLayer[] | undefined {
  const { layers } = JSON.parse(body.toString()) as { layers?: unknown };
  if (!Array.isArray(layers) || !layers.every(isDescriptor)) return undefined;
  const makers = built && makersOf(built);
  // Behind those that BuildKit has made, there may be one for directories.
  const isLike = makers !== undefined && (layers.length === makers.length || layers.length === makers.length + 1);
  return layers.map(({ digest, size }, index) => ({ digest, bytes: size, ...isLike && (makers[index] ?? DIRECTORIES) }));
}

const DIRECTORIES = { step: 'owners and modes of directories that linked copies pass', isOfBaseImage: false };

type Maker = Pick<ImageLayer, 'step' | 'line' | 'isOfBaseImage'>;

/** What made each layer: the last steps of the history are those of the Dockerfile. Undefined when the history is another one than the Dockerfile makes. */
function makersOf({ job, history }: BuiltHistory): Maker[] | undefined {
  const steps = stepsOf(job);
  if (!steps) return undefined;
  const makers: Maker[] = [];
  for (const { created_by: createdBy = '', empty_layer: isEmpty } of [...history].reverse()) {
    const [, keyword] = /^(RUN|COPY|ADD|WORKDIR) /.exec(createdBy) ?? [];
    const step = keyword === undefined ? undefined : steps.pop();
    if (step && step.keyword !== keyword) return undefined;
    if (isEmpty) continue;
    if (!step && steps.length > 0) return undefined;
    makers.unshift(step ? { step: textOf(step), line: step.line, isOfBaseImage: false } : { step: instructionIn(createdBy), isOfBaseImage: true });
  }
  return steps.length > 0 ? undefined : makers;
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
