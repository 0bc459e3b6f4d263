import { BuildInputs, InputsOfBuild, LineInputs } from './build-inputs';
import { Changes } from './changes';
import { FirstRun, Reason } from './reason';
import { BuiltStages } from '../../lib/dockerfile/built-stages';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';
import { textOf } from '../links/link-dockerfile';
import { copiesAfterLastRun } from '../links/trailing-copies';
import { STEPS } from '../solve/steps-below';

/** What a build would do. */
export interface Foresight {
  /** The first step, in the order of the Dockerfile, that would have to run; undefined where nothing that is known makes one run. */
  readonly firstRun?: FirstRun;
  /** Steps before it of which nobody can say whether the layer cache has them. */
  readonly mayRun: readonly FirstRun[];
}

const LAST_COPIES: Reason = { kind: 'not-in-cache', text: 'the cache may not have it, since it is not written when only the last copies are new' };
const NOT_KEPT: Reason = { kind: 'unknown', text: 'it is not kept what it was made from' };

/** Says which step would run first, from what has changed since the last build. It claims nothing that is not sure. */
export function foresee(build: InputsOfBuild, now: BuildInputs, before: BuildInputs): Foresight {
  const { dockerfile, job: { plan: { target, buildArgs } } } = build;
  const changes = new Changes(build, asBuiltBefore(now, before), before);
  // One that comes from elsewhere is worth keeping, so the cache has it.
  const lastCopies = copiesAfterLastRun(dockerfile, target).map(({ instruction }) => instruction).filter(({ flags, words }) => (
    !flags.some(({ name }) => name === 'from') && !words.some((word) => /:\/\/|^git@|^\$/.test(word))));
  const mayRun: FirstRun[] = [];
  for (const { stage, instruction } of stepsOf(new BuiltStages(dockerfile, { target, buildArgs }))) {
    const reasons = changes.ofStep(stage, instruction.line);
    const sure = reasons.filter(({ kind }) => kind !== 'unknown');
    if (sure.length > 0) return { firstRun: run(instruction, sure), mayRun };
    if (reasons.length > 0 || now.others !== before.others) mayRun.push(run(instruction, [NOT_KEPT]));
    else if (lastCopies.includes(instruction)) mayRun.push(run(instruction, [LAST_COPIES]));
  }
  return { mayRun };
}

/** The first step of all, where there is no cache to take it from. */
export function withoutCache({ dockerfile, job: { plan: { target, buildArgs } } }: Pick<InputsOfBuild, 'dockerfile' | 'job'>, reason: Reason): Foresight {
  const [first] = stepsOf(new BuiltStages(dockerfile, { target, buildArgs }));
  return { ...first && { firstRun: run(first.instruction, [reason]) }, mayRun: [] };
}

/** In the order of the Dockerfile. */
function stepsOf({ used }: BuiltStages) {
  return used.flatMap((stage) => stage.instructions.filter(({ keyword }) => STEPS.includes(keyword)).map((instruction) => ({ stage, instruction })));
}

/** With three reasons at most, as the report of a build has them. */
function run(instruction: DockerfileInstruction, reasons: readonly Reason[]): FirstRun {
  const distinct = [...new Map(reasons.map((reason) => [reason.text, reason])).values()].slice(0, 3);
  return { step: textOf(instruction).replace(/\s+/g, ' '), line: instruction.line, reasons: distinct };
}

/** A copy that is what it was is built as it was: with `--link` or without it. */
function asBuiltBefore(now: BuildInputs, before: BuildInputs): BuildInputs {
  const ways = new Map(before.stages.flatMap(({ lines }) => lines.map(([keyword, digest, more]) => [`${keyword} ${digest}`, more] as const)));
  const stages = now.stages.map((stage) => ({
    ...stage,
    lines: stage.lines.map(([keyword, digest, more]): LineInputs => {
      const way = keyword === 'COPY' || keyword === 'ADD' ? ways.get(`${keyword} ${digest}`) ?? more : more;
      return way === undefined ? [keyword, digest] : [keyword, digest, way];
    }),
  }));
  return { ...now, stages };
}
