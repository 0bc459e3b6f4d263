import { BuiltStages, StageInstruction } from './built-stages';
import { ContextView } from './context-view';
import { DockerfileInstruction } from './dockerfile-instruction';

/** What changes with the source, and nearly every time. */
export type CopiedSource =
  /** Everything in the context. */
  | 'context'
  /** A directory of the context, with code in it. */
  | 'directory'
  /** What another stage builds from the context. */
  | 'output';

const CODE = /\.(c|cc|cjs|cpp|cs|css|dart|exs?|fs|go|groovy|h|hpp|html|java|jsx?|kt|mjs|mts|php|pl|py|rb|rs|s[ac]ss|scala|svelte|swift|tsx?|vue)$/;

/** Code that configures tools. */
const TOOLS = /(^|\/)(\.[^/]+|setup\.py|[^/]+\.config\.[cm]?[jt]s)(\/|$)/;

/** Where builds leave what they make. Other names may hold the files of the dependencies only. */
const OUTPUT = /(^|\/)(\.next|\.nuxt|\.output|build|dist|out|publish|target|[^/]*\.[jw]ar)$/;

export function isCopy({ keyword }: DockerfileInstruction): boolean {
  return keyword === 'COPY' || keyword === 'ADD';
}

/** Whether a copy takes something from the context or from another stage, and not from an image, which does not change with the source. */
export function isOfBuild(stages: BuiltStages, instruction: StageInstruction): boolean {
  return isCopy(instruction) && (!hasFrom(instruction) || stages.sourcesOf(instruction).length > 0);
}

/** Which part of the source a copy brings for sure, if any. */
export function copiedSource(stages: BuiltStages, copy: StageInstruction, context: ContextView): CopiedSource | undefined {
  const sources = copy.words.slice(0, -1).filter((source) => !/[$"'\\]|^<<|^\w+:\/\//.test(source));
  if (!hasFrom(copy)) {
    return sources.some((source) => /^(\.?\/?|\.?\/?\*)$/.test(source)) ? 'context'
      : sources.some((source) => context.below(source).some((path) => CODE.test(path) && !TOOLS.test(path))) ? 'directory' : undefined;
  }
  return stages.sourcesOf(copy).some((stage) => {
    const copies = stages.instructions(stage).filter((one) => isCopy(one) && !hasFrom(one) && copiedSource(stages, one, context) !== undefined);
    const places = copies.map(({ words }) => withoutSlash(words[words.length - 1])).filter((place) => place.startsWith('/'));
    return copies.length > 0 && sources.some((source) => OUTPUT.test(withoutSlash(source)) || places.includes(withoutSlash(source)));
  }) ? 'output' : undefined;
}

/** Whether what an instruction takes from another stage may be what that stage has installed: not what it has built, and not files that only name dependencies. */
export function mayBringDependencies(stages: BuiltStages, instruction: StageInstruction, context: ContextView): boolean {
  const isOutput = (source: string) => OUTPUT.test(withoutSlash(source)) && copiedSource(stages, instruction, context) === 'output';
  return !isCopy(instruction) || instruction.words.slice(0, -1).some((source) => !/\.(json|lock|toml|txt|ya?ml)$/.test(source) && !isOutput(source));
}

function hasFrom({ flags }: StageInstruction): boolean {
  return flags.some(({ name }) => name === 'from');
}

function withoutSlash(path: string): string {
  return path.replace(/(.)\/\.?$/, '$1');
}
