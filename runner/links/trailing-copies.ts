import { posix } from 'path';
import { BuiltStages } from '../../lib/dockerfile/built-stages';
import { Dockerfile, DockerfileStage } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';
import { STEPS } from '../solve/steps-below';

/** A copy that no later step of its stage needs. */
export interface TrailingCopy {
  readonly instruction: DockerfileInstruction;
  /** Whether the Dockerfile links it, so that there is nothing to prove. */
  readonly isLinked: boolean;
  /** What its `--chown` says, with the variables filled in that the Dockerfile sets. */
  readonly owner: string;
  /** The WORKDIR instructions between this copy and the next one, or the end. */
  readonly workdirsBehind: readonly DockerfileInstruction[];
  /** The directory of such a WORKDIR that is in force here; undefined where it is still that of the layers below. */
  readonly workdir?: string;
}

export interface TrailingCopies {
  readonly copies: readonly TrailingCopy[];
  /** Why there are none, or not more. */
  readonly obstacle?: string;
}

/**
 * The copies at the end of the stage that is built: those that BuildKit can put on top of the layers below without having them. What comes after them may
 * set the configuration only; of a WORKDIR, the directory has to be there already, which the proof sees to.
 */
export function trailingCopies(dockerfile: Dockerfile, target?: string, buildArgs: { readonly [name: string]: string } = {}): TrailingCopies {
  const stages = new BuiltStages(dockerfile, { target, buildArgs });
  const stage = lastStage(stages);
  const obstacle = dockerfile.whyNoLink ?? (stage ? undefined : 'the Dockerfile has no such stage');
  if (obstacle !== undefined) return { copies: [], obstacle };
  const { instructions } = stage!;
  const filled = stages.instructions(stage!).slice(-instructions.length);
  for (let start = instructions.length; start > 0; start--) {
    const why = whyNot(instructions[start - 1]);
    if (why === undefined) continue;
    const copies = copiesOf(instructions.slice(start), filled.slice(start));
    if (copies.length > 0) return { copies, obstacle: why.isEnd || !hasCopies(instructions.slice(0, start)) ? undefined : why.text };
    return { copies, obstacle: hasCopies(instructions) ? why.text : NO_COPIES };
  }
  const copies = copiesOf(instructions, filled);
  return copies.length > 0 ? { copies } : { copies, obstacle: NO_COPIES };
}

/** All copies behind the last RUN of the stage that is built, whether they can be linked or not. */
export function copiesAfterLastRun(dockerfile: Dockerfile, target?: string): TrailingCopy[] {
  const instructions = dockerfile.isKnown ? lastStage(new BuiltStages(dockerfile, { target }))?.instructions ?? [] : [];
  return copiesOf(instructions.slice(instructions.map(({ keyword }) => keyword).lastIndexOf('RUN') + 1));
}

/** The stage whose end is that of the image: one that only sets the configuration adds nothing to the one that it starts from, which nothing else of the build can use. */
function lastStage(stages: BuiltStages): DockerfileStage | undefined {
  let stage = stages.target;
  while (stage && !stage.instructions.some(({ keyword }) => STEPS.includes(keyword))) {
    const base = stages.baseOf(stage);
    if (!base) break;
    stage = base;
  }
  return stage;
}

const NO_COPIES = 'the stage that is built copies nothing';

/** Why nothing before an instruction can be linked. */
function whyNot(instruction: DockerfileInstruction): { readonly text: string; readonly isEnd?: boolean } | undefined {
  const { keyword, line } = instruction;
  const text = (reason: string) => ({ text: `the ${keyword} in line ${line} ${reason}` });
  if (keyword === 'RUN') return { ...text('needs all layers below it, and the copies before it'), isEnd: true };
  if (keyword === 'WORKDIR') return workdirOf(instruction) === undefined ? text('comes after copies and needs all layers below it') : undefined;
  if (!isCopy(instruction)) return undefined;
  const flag = (wanted: string) => instruction.flags.find(({ name }) => name === wanted)?.value;
  if (flag('link') !== undefined && !isTrue(flag('link')!)) return text(`says --link=${flag('link')}`);
  const strange = instruction.flags.find(({ name }) => !KNOWN_FLAGS.includes(name));
  if (strange) return text(`has the flag --${strange.name}`);
  if (flag('chmod') !== undefined && modeOf(instruction) === undefined) return text(`has a mode that only BuildKit can work out, --chmod=${flag('chmod')}`);
  return undefined;
}

const KNOWN_FLAGS = ['checksum', 'chown', 'chmod', 'exclude', 'from', 'keep-git-dir', 'link', 'parents', 'unpack'];

function isTrue(value: string): boolean {
  return /^(|true|1|t)$/i.test(value);
}

function hasCopies(instructions: readonly DockerfileInstruction[]): boolean {
  return instructions.some(isCopy);
}

export function isCopy({ keyword }: DockerfileInstruction): boolean {
  return keyword === 'COPY' || keyword === 'ADD';
}

/** The mode of a copy with `--chmod`, where it is written as a number. */
export function modeOf({ flags }: DockerfileInstruction): number | undefined {
  const value = flags.find(({ name }) => name === 'chmod')?.value;
  return value !== undefined && /^[0-7]{1,4}$/.test(value) ? parseInt(value, 8) : undefined;
}

/** The directory of a WORKDIR that needs nothing else to be known. */
export function workdirOf({ words, rest, isJson }: DockerfileInstruction): string | undefined {
  return !isJson && words.length === 1 && /^\/[\w.@+/-]*$/.test(rest.trim()) ? posix.resolve(rest.trim()) : undefined;
}

function copiesOf(instructions: readonly DockerfileInstruction[], filled = instructions): TrailingCopy[] {
  const first = instructions.findIndex(isCopy);
  const copies: TrailingCopy[] = [];
  let workdir: string | undefined;
  for (const [index, instruction] of instructions.entries()) {
    if (first < 0 || index < first) continue;
    if (isCopy(instruction)) {
      // With --chmod, BuildKit does not link what says --link.
      const isLinked = instruction.flags.some(({ name, value }) => name === 'link' && isTrue(value)) && !instruction.flags.some(({ name }) => name === 'chmod');
      const owner = filled[index].flags.find(({ name }) => name === 'chown')?.value ?? '0';
      copies.push({ instruction, isLinked, owner, workdirsBehind: [], workdir });
    } else if (instruction.keyword === 'WORKDIR') {
      workdir = workdirOf(instruction);
      const last = copies.pop()!;
      copies.push({ ...last, workdirsBehind: [...last.workdirsBehind, instruction] });
    }
  }
  return copies;
}
