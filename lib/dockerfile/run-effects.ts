import { posix } from 'path';
import { DockerfileInstruction } from './dockerfile-instruction';
import { ImageTree } from './image-tree';
import { ShellCommand, shellCommands } from './shell-commands';

/** Where a `RUN` happens. */
export interface RunPlace {
  readonly tree: ImageTree;
  readonly workingDirectory?: string;
  readonly isRoots: boolean;
  readonly resolve: (text: string) => string | undefined;
}

/** Package managers. They make files and directories, but leave alone who owns the directories that are there. */
const INSTALLERS: { readonly [program: string]: RegExp } = {
  'apk': /^/,
  'apt': /^/,
  'apt-get': /^/,
  'bundle': /^(config|install)$/,
  'composer': /^(dump-autoload|install)$/,
  'corepack': /^/,
  'dnf': /^/,
  'gem': /^install$/,
  'microdnf': /^/,
  'npm': /^(cache|ci|config|i|install|prune|set)$/,
  'pip': /^(cache|install|uninstall)$/,
  'pip3': /^(cache|install|uninstall)$/,
  'pipenv': /^(install|sync)$/,
  'pnpm': /^(config|fetch|i|install|prune)$/,
  'poetry': /^(config|export|install|sync)$/,
  'python': /^-m (pip|venv)$/,
  'python3': /^-m (pip|venv)$/,
  'uv': /^(export|pip|sync|venv)$/,
  'yarn': /^(cache|config|install|--.*)?$/,
  'yum': /^/,
};

/** Those that have nothing to do with the directory they run in. */
const SYSTEM = ['apk', 'apt', 'apt-get', 'corepack', 'dnf', 'microdnf', 'yum'];

/** They change nothing. */
const HARMLESS = [
  ':', 'cat', 'date', 'echo', 'env', 'export', 'false', 'fi', 'done', 'id', 'ldconfig', 'ls', 'printf', 'pwd', 'set', 'sleep', 'test', '[', 'true',
  'umask', 'uname', 'update-ca-certificates', 'which',
];

/** They change the paths that they are given, or the directory they run in. */
const CHANGERS = [
  'addgroup', 'adduser', 'chgrp', 'chmod', 'chown', 'cp', 'curl', 'groupadd', 'gunzip', 'install', 'ln', 'mkdir', 'mv', 'rm', 'rmdir', 'sed', 'tar', 'tee',
  'touch', 'unzip', 'useradd', 'usermod', 'wget',
];

/** They may change the directory they run in. */
const UNPACKERS = ['tar', 'unzip'];

/** They may make a file there. */
const DOWNLOADERS = ['curl', 'wget'];

/** In these, dependencies come with links of their own. */
const DEPENDENCIES = ['node_modules', '.venv', 'venv', 'vendor'];

/** Notes what a `RUN` does to the directories of an image. */
export function applyRun(run: DockerfileInstruction, { tree, workingDirectory, isRoots, resolve }: RunPlace): void {
  const commands = shellCommands(run);
  const because = (what: string) => `what the RUN in line ${run.line} does to the directories is not known${what}`;
  if (!commands) {
    return tree.lose(because(', because it is more than a list of commands'));
  }
  for (const { name, value } of run.flags) {
    const target = name === 'mount' ? /(?:^|,)(?:target|dst|destination)=([^,]+)/.exec(value)?.[1] : undefined;
    const path = target && absolute(target, workingDirectory);
    if (path) {
      tree.perhapsDirectory(posix.dirname(path));
    }
  }
  let directory = workingDirectory;
  const own = new Set<string>(); // variables of the shell, which hide those of the Dockerfile
  const resolveWord = (word: string) => [...own].some((name) => new RegExp(`\\$\\{?${name}\\b`).test(word)) ? undefined : resolve(word);
  for (const command of commands) {
    const [program, ...words] = command;
    const effect = kindOf(command, isRoots);
    if (effect === 'unknown' || (program === 'umask' && words.length > 0)) {
      return tree.lose(because(`, because it runs ${program}`));
    }
    if (program === 'export') {
      words.forEach((word) => own.add(word.replace(/=.*/s, '')));
    }
    if (program === 'cd') {
      const target = words.length === 1 ? resolveWord(words[0]) : undefined;
      directory = target && absolute(target, directory);
      continue;
    }
    const paths = pathsOf(withoutNames(command), effect, directory, resolveWord);
    const isHere = (effect === 'installer' && usesDirectory(command)) || (effect === 'changer' && UNPACKERS.includes(program));
    if (!paths || (isHere && !directory)) {
      return tree.lose(because(`, because it uses ${program} on paths that are known only when it runs`));
    }
    for (const { path, isTarget } of paths) {
      if (effect === 'changer' || isTarget || (effect === 'installer' && !isRoots)) {
        tree.disturb(path, `the RUN in line ${run.line} names ${path}`);
      } else if (effect === 'installer' || effect === 'mkdir') {
        tree.perhapsDirectory(path);
      }
      if (effect === 'installer') {
        tree.fill(path, () => ({ state: 'perhaps' }));
      }
    }
    if (isHere && effect === 'installer') {
      fillWithDependencies(tree, directory!, run.line, isRoots);
    } else if (DOWNLOADERS.includes(program) && directory) {
      tree.fill(directory, () => ({ state: 'unknown', why: `the RUN in line ${run.line} may have put something there` }));
    } else if (isHere && directory !== '/') {
      tree.disturb(directory!, `the RUN in line ${run.line} uses ${program} in ${directory}`);
    }
  }
}

function fillWithDependencies(tree: ImageTree, directory: string, line: number, isRoots: boolean): void {
  tree.fill(directory, () => isRoots ? { state: 'perhaps' } : { state: 'unknown', why: `the RUN in line ${line} may have put something there` });
  for (const name of DEPENDENCIES) {
    tree.disturb(posix.join(directory, name), `the RUN in line ${line} installs dependencies there`);
  }
}

/** Whether the program may write into the directory it runs in; pip does so for a project that lies there, or when it is told where to. */
function usesDirectory([program, ...words]: ShellCommand): boolean {
  return !SYSTEM.includes(program) && (!/^(pip|python)/.test(program) || words.some((word) => /^(\.|-e$|-t|--(prefix|root|src|target)\b)/.test(word)));
}

type Effect = 'harmless' | 'installer' | 'mkdir' | 'changer' | 'unknown';

function kindOf([program, ...words]: ShellCommand, isRoots: boolean): Effect {
  if (program === 'mkdir' && isRoots && words.every((word) => !/^-.*m|^--mode/.test(word))) {
    return 'mkdir'; // whose directories are root's, with mode 0755
  }
  if (HARMLESS.includes(program) || program === 'cd') {
    return 'harmless';
  }
  if (CHANGERS.includes(program)) {
    return 'changer';
  }
  const verb = program.startsWith('python') ? words.slice(0, 2).join(' ') : words.find((word) => !word.startsWith('-')) ?? words[0] ?? '';
  return INSTALLERS[program.replace(/^(pip|python)3\.\d+$/, '$13')]?.test(verb) ? 'installer' : 'unknown';
}

/** The words of a command that may be paths: not the names of users and groups, nor modes. */
function withoutNames([program, ...words]: ShellCommand): string[] {
  if (/^(useradd|adduser|usermod|groupadd|addgroup)$/.test(program)) {
    return words.filter((word) => word.includes('/') || word.includes('$'));
  }
  const first = /^(chown|chgrp|chmod)$/.test(program) && !words.some((word) => word.startsWith('--reference')) ? words.findIndex((word) => !word.startsWith('-')) : -1;
  return words.filter((_, index) => index !== first);
}

interface NamedPath {
  readonly path: string;
  /** Whether output goes into it. */
  readonly isTarget: boolean;
}

/** The paths that words may mean, or nothing when they cannot be told. */
function pathsOf(words: readonly string[], effect: Effect, directory: string | undefined, resolve: RunPlace['resolve']): NamedPath[] | undefined {
  const paths: NamedPath[] = [];
  for (const [index, word] of words.entries()) {
    const isTarget = words[index - 1] === '>';
    if (word === '>' || (effect === 'harmless' && !isTarget)) {
      continue;
    }
    const value = word.includes('$') ? resolve(word) : word;
    if (value === undefined || ((effect === 'changer' || effect === 'mkdir') && /[*?[{~]/.test(value) && !/^\/(tmp|var\/(cache|lib|tmp))\//.test(value))) {
      return undefined;
    }
    if (/^[a-z]+:\/\//.test(value) || value.startsWith('/dev/')) {
      continue;
    }
    const named = value.replace(/^-[^/.]*[=:]?/, '');
    if (named.startsWith('/') || ((effect === 'changer' || effect === 'mkdir' || isTarget) && named !== '' && !value.startsWith('-'))) {
      const path = absolute(named, directory);
      if (!path || path === '/') {
        return undefined;
      }
      paths.push({ path, isTarget });
    }
  }
  return paths;
}

function absolute(path: string, directory: string | undefined): string | undefined {
  return path.startsWith('/') ? withoutSlash(posix.normalize(path)) : directory && withoutSlash(posix.join(directory, path));
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, '') : path;
}
