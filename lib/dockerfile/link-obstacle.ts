import { BuiltStages, StageInstruction } from './built-stages';
import { isCopy } from './source-copies';

/** What keeps the copies before it from being linked. */
export interface LinkObstacle {
  readonly copies: readonly StageInstruction[];
  readonly instruction: StageInstruction;
  readonly reason: string;
  readonly remedy: string;
}

/** What comes after the last RUN and after copies, and needs all layers below it for sure. What needs them perhaps, the build finds out. */
export function linkObstacle(stages: BuiltStages): LinkObstacle | undefined {
  const instructions = (stages.target ? stages.instructions(stages.target) : []).filter(({ stage }) => stage === stages.target);
  const last = instructions.slice(instructions.map(({ keyword }) => keyword).lastIndexOf('RUN') + 1);
  for (const [index, instruction] of [...last.entries()].reverse()) {
    const copies = last.slice(0, index).filter((one) => isCopy(one));
    const obstacle = obstacleOf(instruction);
    if (obstacle && copies.length > 0) {
      return { copies, instruction, ...obstacle };
    }
  }
  return undefined;
}

function obstacleOf(instruction: StageInstruction): Pick<LinkObstacle, 'reason' | 'remedy'> | undefined {
  const { keyword, rest } = instruction;
  if (keyword === 'WORKDIR') {
    return /^[\w.][\w./-]*$/.test(rest.trim())
      ? { reason: 'does not begin with a slash', remedy: 'write an absolute path, or put it before the copies' } : undefined;
  }
  if (!isCopy(instruction)) {
    return undefined;
  }
  const flag = (wanted: string) => instruction.flags.find(({ name }) => name === wanted)?.value;
  if (/^(false|f|0)$/i.test(flag('link') ?? '')) {
    return { reason: 'has --link=false', remedy: 'leave that out, or put it before the copies' };
  }
  if (/[a-z]/i.test(flag('chmod') ?? '') && !flag('chmod')!.includes('$')) {
    return { reason: 'has a mode in letters', remedy: 'write a number, such as --chmod=755' };
  }
  return undefined;
}
