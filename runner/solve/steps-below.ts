import { Step } from './solve-progress';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';

/** What BuildKit counts as steps of a stage, behind its FROM, and what makes layers. */
export const STEPS = ['RUN', 'COPY', 'ADD', 'WORKDIR'];

/** The part of a step's name that says which one it is: `[stage 2/5]`, `[stage  2/15]`, behind a platform at times, and without the stage if there is one only. */
const NAME = /^\[(?:[^\] ]*\/[^\] ]* )?(?:([^\] /]+) )? *(\d+)\/(\d+)\] /;

/** The steps of a build but for an instruction and those that come after it in its stage. */
export function stepsBelow(steps: readonly Step[], dockerfile: Dockerfile, first: DockerfileInstruction | undefined): Step[] {
  const distance = distanceFrom(dockerfile, first);
  return steps.filter((step) => !(distance(step)! >= 0));
}

/** Whether the step of an instruction has run. */
export function hasRun(steps: readonly Step[], dockerfile: Dockerfile, instruction: DockerfileInstruction): boolean {
  const distance = distanceFrom(dockerfile, instruction);
  return steps.some((step) => distance(step) === 0 && !step.isCached);
}

/** The instruction of a step; undefined for one that the base image brings. */
export function instructionOf(step: Step, dockerfile: Dockerfile): DockerfileInstruction | undefined {
  const counted = dockerfile.stages.flatMap(({ instructions }) => instructions).filter(({ keyword }) => STEPS.includes(keyword));
  return counted.find((instruction) => distanceFrom(dockerfile, instruction)(step) === 0);
}

/** The lines of steps in the Dockerfile, by their names; of those that the base image brings, none. */
export function linesOf(steps: readonly Step[], dockerfile: Dockerfile): ReadonlyMap<string, number> {
  return new Map(steps.flatMap((step) => {
    const line = instructionOf(step, dockerfile)?.line;
    return line === undefined ? [] : [[step.name, line] as const];
  }));
}

/** How many steps of its stage come before an instruction. */
export function stepsBefore({ stages }: Dockerfile, instruction: DockerfileInstruction): number {
  const instructions = stages.find((stage) => stage.instructions.includes(instruction))?.instructions ?? [];
  return instructions.slice(0, instructions.indexOf(instruction)).filter(({ keyword }) => STEPS.includes(keyword)).length;
}

/** How many steps of its stage a step comes behind an instruction; undefined for those of other stages. */
function distanceFrom(dockerfile: Dockerfile, instruction: DockerfileInstruction | undefined): (step: Step) => number | undefined {
  const stage = instruction && dockerfile.stages.find(({ instructions }) => instructions.includes(instruction));
  if (!stage) return () => undefined;
  const counted = stage.instructions.filter(({ keyword }) => STEPS.includes(keyword));
  // BuildKit counts the FROM of a further context, too, and gives the number to the next step.
  const shift = stage.isOnContext ? 1 : 0;
  // From the end, since the base image may bring instructions of its own.
  const fromEnd = counted.length - counted.indexOf(instruction) - 1;
  const names = [stage.name ?? `stage-${stage.index}`, ...dockerfile.stages.length === 1 ? [''] : []];
  return ({ name }) => {
    const [, ofStage = '', number, count] = NAME.exec(name) ?? [];
    return number === undefined || !names.includes(ofStage) ? undefined : Number(number) + shift - (Number(count) - fromEnd);
  };
}
