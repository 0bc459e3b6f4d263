import { Dockerfile, DockerfileStage } from './dockerfile';
import { DockerfileInstruction } from './dockerfile-instruction';
import { pathsTo } from './image-tree';
import { isDirectoryPath, isRoot, StageOptions, StageState } from './stage-state';

/** What copies are rewritten for. */
export interface LinkOptions extends StageOptions {
  /** The stage that is built. @default - the last one */
  readonly target?: string;
}

/** A copy that got `--link`. */
export interface LinkedCopy {
  /** Counted from 1. */
  readonly line: number;
  /** The first line of the instruction. */
  readonly before: string;
  readonly after: string;
}

/** A copy that stays as it is. */
export interface UnlinkedCopy {
  readonly line: number;
  /** The first line of the instruction. */
  readonly instruction: string;
  readonly reason: string;
}

/** A Dockerfile whose last copies are linked. */
export interface LinkedDockerfile {
  readonly content: string;
  readonly changes: readonly LinkedCopy[];
  /** Those after the last `RUN` that are not linked. */
  readonly left: readonly UnlinkedCopy[];
}

/**
 * Gives `--link` to the last copies of the stage that is built, where the image stays the same.
 *
 * A linked copy is made without the layers below: BuildKit makes its files, and all directories on the way to them, as new ones of
 * root with mode 0755, and puts them on top. So whatever is on the way must be such directories already, or not be there.
 *
 * Only what comes after the last step that needs the files of the image is worth it. A `RUN`, a `WORKDIR` or a copy without `--link`
 * after it makes BuildKit download and unpack everything below, linked or not.
 *
 * A destination that is a directory already gets a slash at its end, since a linked copy cannot see that it is one.
 */
export function linkCopies(dockerfile: Dockerfile, options: LinkOptions = {}): LinkedDockerfile {
  const stage = dockerfile.stage(options.target);
  if (!dockerfile.isKnown || !stage) {
    return { content: dockerfile.content, changes: [], left: [] };
  }
  const copies = lastCopies(dockerfile, stage, options);
  const linked = copies.filter(({ reason }) => reason === undefined);
  const insertions = linked.flatMap(({ copy, slashAt }) => [
    { at: copy.keywordEnd, text: ' --link' },
    ...slashAt === undefined ? [] : [{ at: slashAt, text: '/' }],
  ]);
  const content = insertions.reverse().reduce((whole, { at, text }) => `${whole.slice(0, at)}${text}${whole.slice(at)}`, dockerfile.content);
  const line = (text: string, number: number) => text.split('\n')[number - 1].trim();
  return {
    content,
    changes: linked.map(({ copy }) => ({ line: copy.line, before: line(dockerfile.content, copy.line), after: line(content, copy.line) })),
    left: copies.flatMap(({ copy, reason }) => reason === undefined ? []
      : { line: copy.line, instruction: line(dockerfile.content, copy.line), reason }),
  };
}

interface JudgedCopy {
  readonly copy: DockerfileInstruction;
  readonly reason?: string;
  /** Where the destination gets a slash, to be the directory that it is without the layers below as well. */
  readonly slashAt?: number;
}

function lastCopies(dockerfile: Dockerfile, stage: DockerfileStage, options: LinkOptions): JudgedCopy[] {
  const state = StageState.at(dockerfile, stage, options);
  let copies: JudgedCopy[] = [];
  for (const instruction of stage.instructions) {
    const { keyword, line } = instruction;
    if (keyword === 'RUN') {
      copies = [];
    } else if (keyword === 'WORKDIR' && state.path(instruction.rest) !== '/') {
      copies = copies.map((copy) => ({ reason: `the WORKDIR in line ${line} comes after it and needs all layers; put the WORKDIR in front of the copies`, ...known(copy) }));
    } else if (isUnlinkedCopy(instruction) && state.hasLayers) {
      const reason = dockerfile.whyNoLink ?? whyNot(dockerfile, instruction, state);
      if (reason !== undefined) {
        copies = copies.map((copy) => ({ reason: `the ${keyword} in line ${line} comes after it, stays without --link, and needs all layers`, ...known(copy) }));
      }
      copies.push({ copy: instruction, reason, slashAt: lacksSlash(instruction, state) ? slashPosition(dockerfile, instruction) : undefined });
    }
    state.apply(instruction);
  }
  return copies;
}

/** The reason of the copy itself tells more than that of one after it. */
function known({ copy, reason, slashAt }: JudgedCopy): JudgedCopy {
  return reason === undefined ? { copy, slashAt } : { copy, reason };
}

/** Whether it copies a file, or something, to a directory that is there, and says so nowhere. */
function lacksSlash(copy: DockerfileInstruction, state: StageState): boolean {
  const written = copy.words[copy.words.length - 1];
  const destination = state.path(written);
  return destination !== undefined && !isDirectoryPath(state.variables.resolve(written)!)
    && state.tree.at(destination).state === 'directory' && state.sourceOf(copy).kind !== 'directory';
}

/** The end of the destination, in an instruction of one line. */
function slashPosition({ content }: Dockerfile, copy: DockerfileInstruction): number | undefined {
  const line = content.slice(copy.keywordEnd).split('\n')[0].trimEnd();
  return line.endsWith(` ${copy.words[copy.words.length - 1]}`) ? copy.keywordEnd + line.length : undefined;
}

function isUnlinkedCopy({ keyword, flags }: DockerfileInstruction): boolean {
  return (keyword === 'COPY' || keyword === 'ADD') && !flags.some(({ name, value }) => name === 'link' && /^(|true|1|t)$/i.test(value));
}

/** Why a linked copy might make another image. */
function whyNot(dockerfile: Dockerfile, copy: DockerfileInstruction, state: StageState): string | undefined {
  const written = copy.words[copy.words.length - 1];
  const destination = state.path(written);
  if (destination === undefined) {
    return `where ${written} is, is not known here; name it by an absolute path`;
  }
  const getsSlash = lacksSlash(copy, state) && slashPosition(dockerfile, copy) !== undefined;
  const isDirectory = getsSlash || isDirectoryPath(state.variables.resolve(written)!);
  return whyNotFlags(copy) ?? whyNotOwner(copy, state, destination) ?? whyNotPath(copy, state, destination, isDirectory);
}

function whyNotFlags({ keyword, flags, words }: DockerfileInstruction): string | undefined {
  const flag = (wanted: string) => flags.find(({ name }) => name === wanted);
  if (flag('link')) {
    return `it says --link=${flag('link')!.value}`;
  }
  if (flag('chmod')) {
    return 'BuildKit does not link a copy with --chmod; set the mode of the file itself';
  }
  if (flags.some(({ name, value }) => !['chown', 'exclude', 'from'].includes(name) || (name === 'exclude' && /[!"']/.test(value)))) {
    return `its flags ${flags.map(({ name }) => `--${name}`).join(' ')} may mean something else with --link`;
  }
  const remote = keyword === 'ADD' && words.slice(0, -1).find((word) => /^\w+:\/\/|^git@|\.git(#|$)/.test(word));
  return remote ? `it gets ${remote} from elsewhere` : undefined;
}

function whyNotOwner({ flags }: DockerfileInstruction, state: StageState, destination: string): string | undefined {
  const written = flags.find(({ name }) => name === 'chown')?.value;
  if (written === undefined || isRoot(written)) {
    return undefined;
  }
  const owner = state.variables.resolve(written);
  if (owner === undefined || !/^\d+(:\d+)?$/.test(owner)) {
    return `only the image knows the number of the owner ${written}, and a linked copy is made without it; write the numbers`;
  }
  const [top] = pathsTo(destination);
  return top !== undefined && state.tree.at(top).state !== 'absent' ? `a linked copy would give ${top} to ${owner} as well` : undefined;
}

/** These hold links of their own, so that not every directory can be put there. */
const WITH_LINKS = ['/', '/etc', '/usr', '/var'];

function whyNotPath(copy: DockerfileInstruction, state: StageState, destination: string, isDirectory: boolean): string | undefined {
  const { tree } = state;
  const source = state.sourceOf(copy);
  if (copy.keyword === 'ADD' && source.kind === undefined) {
    return 'ADD may unpack an archive, whose directories replace those that are there; use COPY if there is nothing to unpack';
  }
  const ways = isDirectory ? pathsTo(destination) : pathsTo(destination).slice(0, -1);
  for (const way of ways) {
    const { state: found, why } = tree.at(way);
    if (found === 'unknown' || found === 'file') {
      return why ?? `${way} is not a directory`;
    }
  }
  if (WITH_LINKS.includes(destination) && source.kind !== 'file') {
    return `some directories in ${destination} may be symbolic links, which a linked copy would replace`;
  }
  if (isDirectory || source.kind === 'directory') {
    const { state: found, why } = isDirectory ? { state: 'directory', why: undefined } : tree.at(destination);
    return found === 'unknown' ? why : undefined;
  }
  const { state: found, why } = tree.at(destination);
  if (found === 'absent' || (found === 'file' && source.kind === 'file')) {
    return undefined;
  }
  return found === 'unknown' ? why
    : found === 'directory' && source.kind === 'file' ? `a linked copy would put the file in the place of the directory ${destination}; end the destination with a slash`
      : `whether ${destination} becomes a directory or a file is not known here; if it is a directory, end the destination with a slash`;
}
