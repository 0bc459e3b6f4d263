import { Step } from './solve-progress';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';

/** What BuildKit counts as steps of a stage, its FROM first. */
const STEPS = ['RUN', 'COPY', 'ADD', 'WORKDIR'];

/** The part of a step's name that says which one it is: `[stage 2/5]`, `[stage  2/15]`, behind a platform at times, and without the stage if there is one only. */
const NAME = /^\[(?:[^\] ]*\/[^\] ]* )?(?:([^\] /]+) )? *(\d+)\/(\d+)\] /;

/** The steps of a build but for an instruction and those that come after it in its stage. */
export function stepsBelow(steps: readonly Step[], dockerfile: Dockerfile, first: DockerfileInstruction | undefined): Step[] {
  const stage = first && dockerfile.stages.find(({ instructions }) => instructions.includes(first));
  if (!stage) return [...steps];
  const counted = stage.instructions.filter(({ keyword }) => STEPS.includes(keyword));
  // From the end, since the base image may bring instructions of its own.
  const last = counted.length - counted.indexOf(first);
  const names = [stage.name ?? `stage-${stage.index}`, ...dockerfile.stages.length === 1 ? [''] : []];
  return steps.filter(({ name }) => {
    const [, ofStage = '', number, count] = NAME.exec(name) ?? [];
    return number === undefined || !names.includes(ofStage) || Number(number) <= Number(count) - last;
  });
}
