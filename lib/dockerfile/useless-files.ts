import { posix } from 'path';
import { BuiltStages } from './built-stages';
import { ContextView } from './context-view';
import { isCopy } from './source-copies';

/** What no image needs, or what a build makes again. Some make it outside and copy it, though, and then name it. */
const USELESS = [
  '.angular', '.aws-sam', '.git', '.gradle', '.idea', '.mypy_cache', '.next', '.nox', '.nuxt', '.nyc_output', '.parcel-cache', '.pytest_cache', '.ruff_cache', '.serverless',
  '.svelte-kit', '.terraform', '.tox', '.turbo', '.venv', '__pycache__', 'cdk.out', 'node_modules', 'venv',
];

/** Directories that are useless only beside such a file, whose program makes them. */
const USELESS_BESIDE: { readonly [name: string]: RegExp } = {
  obj: /\.(cs|fs|vb)proj$/,
  target: /^(Cargo\.toml|build\.sbt|pom\.xml)$/,
};

/** The directories of a context that no image needs, with the number of their files, the biggest first. */
export function uselessFiles(stages: BuiltStages, context: ContextView): [string, number][] {
  const isNamed = namesIn(stages);
  const makers = new Map(Object.entries(USELESS_BESIDE).map(([name, maker]) => (
    [name, new Set(context.paths.filter((path) => maker.test(posix.basename(path))).map((path) => posix.dirname(path)))])));
  const unwanted = new Set([...USELESS, ...makers.keys()].filter((name) => !isNamed(name)));
  const counts = new Map<string, number>();
  for (const path of context.paths) {
    const names = path.split('/');
    // A .git is a file in a worktree or a submodule, all others are directories.
    const found = names.findIndex((name, index) => unwanted.has(name) && (index < names.length - 1 || name === '.git')
      && (makers.get(name)?.has(names.slice(0, index).join('/') || '.') ?? true));
    if (found >= 0) {
      const top = names.slice(0, found + 1).join('/');
      counts.set(top, (counts.get(top) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}

const GIT = /\bgit (-C \S+ )?(describe|diff|log|ls-files|rev-list|rev-parse|show|status)\b/;

/** Whether the Dockerfile asks for a file of that name: in what it copies or mounts from the context, in a variable, or, for `.git`, by asking git. */
function namesIn(stages: BuiltStages): (name: string) => boolean {
  const instructions = [...stages.dockerfile.globalArguments, ...stages.used.flatMap((stage) => stages.instructions(stage))];
  const texts = instructions.flatMap((instruction) => {
    const { keyword, flags, rest, words } = instruction;
    return ['ARG', 'ENV'].includes(keyword) ? [rest]
      : isCopy(instruction) && !flags.some(({ name }) => name === 'from') ? words.slice(0, -1)
        : flags.filter(({ name }) => name === 'mount').map(({ value }) => value);
  });
  return (name) => texts.some((text) => text.split(/[\s/=,:"']+/).includes(name))
    || (name === '.git' && instructions.some(({ keyword, rest, documents }) => keyword === 'RUN' && GIT.test([rest, ...documents].join('\n'))));
}
