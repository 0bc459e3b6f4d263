import { broadCopies } from './broad-copies';
import { Dockerfile, DockerfileStage } from './dockerfile';

/** A way in which a Dockerfile or its context wastes the cache. */
export interface DockerfileHint {
  /** The part of the id after the name of the package. */
  readonly id: 'broadCopyBeforeInstall' | 'cacheMount' | 'contextWithoutIgnore';
  /** Whether something is wrong for sure; else it might have a reason. */
  readonly isWarning: boolean;
  readonly message: string;
}

/** What hints are given on. */
export interface HintOptions {
  /** The stage that is built. @default - the last one */
  readonly target?: string;
  /** The paths of all that the context holds, where they are known. */
  readonly contextPaths?: readonly string[];
}

/** What to change in a Dockerfile or its context, to get more from the cache. Nothing for one that is not understood. */
export function dockerfileHints(dockerfile: Dockerfile, options: HintOptions): DockerfileHint[] {
  const target = dockerfile.stage(options.target);
  const stages = dockerfile.isKnown && target ? usedStages(dockerfile, target) : [];
  return [
    ...stages.flatMap((stage) => broadCopies(dockerfile, stage, options.contextPaths)).map(({ copy, install, program }): DockerfileHint => ({
      id: 'broadCopyBeforeInstall',
      isWarning: true,
      message: `the ${copy.keyword} in line ${copy.line} takes the whole context, so every change installs all dependencies again (${program}, line ${install.line});`
        + ' copy only the files that name the dependencies in front of it, and the rest behind it',
    })),
    ...cacheMounts(stages),
    ...uselessFiles(options.contextPaths ?? [], stages),
  ];
}

function cacheMounts(stages: readonly DockerfileStage[]): DockerfileHint[] {
  const lines = stages.flatMap(({ instructions }) => instructions)
    .filter(({ keyword, flags }) => keyword === 'RUN' && flags.some(({ name, value }) => name === 'mount' && /(^|,)type=cache(,|$)/.test(value)))
    .map(({ line }) => line);
  return lines.length === 0 ? [] : [{
    id: 'cacheMount',
    isWarning: false,
    message: `the cache mount of line ${lines.join(', ')} is empty on every new build machine, since only layers are kept; what it holds cannot make these builds faster`,
  }];
}

/** What no image needs, and what changes with every commit or every run of a tool. */
const USELESS = ['.git', '.venv', '__pycache__', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.tox', '.terraform', '.idea', 'cdk.out'];

/** What a build makes again. Some make it outside and copy it, though, and then name it. */
const MADE_AGAIN = ['node_modules', 'venv'];

function uselessFiles(paths: readonly string[], stages: readonly DockerfileStage[]): DockerfileHint[] {
  const sources = stages.flatMap(({ instructions }) => instructions)
    .filter(({ keyword, flags }) => ['ADD', 'COPY'].includes(keyword) && !flags.some(({ name }) => name === 'from'))
    .flatMap(({ words }) => words.slice(0, -1));
  const unwanted = [...USELESS, ...MADE_AGAIN].filter((name) => !sources.some((source) => source.split('/').includes(name)));
  const counts = new Map<string, number>();
  for (const path of paths) {
    const names = path.split('/');
    // A .git is a file in a worktree or a submodule, all others are directories.
    const found = names.findIndex((name, index) => unwanted.includes(name) && (index < names.length - 1 || name === '.git'));
    if (found >= 0) {
      const top = names.slice(0, found + 1).join('/');
      counts.set(top, (counts.get(top) ?? 0) + 1);
    }
  }
  const found = [...counts].sort(([, a], [, b]) => b - a);
  const listed = found.slice(0, 5).map(([path, count]) => `${path} (${count} ${count === 1 ? 'file' : 'files'})`);
  return found.length === 0 ? [] : [{
    id: 'contextWithoutIgnore',
    isWarning: true,
    message: `the context holds ${listed.join(', ')}${found.length > 5 ? ` and ${found.length - 5} more such directories` : ''}, which are uploaded, are part of the tag,`
      + ' and so make a new image when only they change; list them in .dockerignore',
  }];
}

/** The stages that a build of this one goes through. */
function usedStages(dockerfile: Dockerfile, target: DockerfileStage): DockerfileStage[] {
  const used = new Set([target]);
  for (const stage of used) {
    const names = stage.instructions.flatMap(({ flags }) => flags)
      .flatMap(({ name, value }) => name === 'from' ? value : name === 'mount' ? /(?:^|,)from=([^,]+)/.exec(value)?.[1] ?? [] : []);
    const base = dockerfile.stageBefore(stage, stage.base, { byIndex: false });
    const others = names.map((name) => dockerfile.stageBefore(stage, name, { byIndex: true }));
    [base, ...others].forEach((other) => other && used.add(other));
  }
  return [...used].sort((a, b) => a.index - b.index);
}
