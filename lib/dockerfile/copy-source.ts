import { posix } from 'path';
import { PathState } from './base-image';
import { CopySources } from './copy-sources';
import { DockerfileInstruction } from './dockerfile-instruction';

/** Where the sources of copies are looked up. */
export interface CopyOrigins {
  readonly context?: CopySources;
  /** What lies at a path of another stage at its end. */
  readonly stagePath: (stage: string, path: string) => PathState;
}

/** What a `COPY` or an `ADD` copies, as far as it can be told. */
export interface CopySource {
  /** Nothing when it cannot be told, or when there are sources of several kinds. */
  readonly kind?: 'file' | 'directory';
  /** What the copy puts at a path below its destination; `unknown` when it may put anything there. */
  below(path: string): PathState | undefined;
}

/** Names that nobody gives a directory. */
const FILE_NAME = /\.(conf|c?js|css|dll|html|ini|jar|json|lock|mjs|pem|py|sh|so|sql|toml|ts|txt|whl|xml|ya?ml|zip)$/;

/** The sources of a copy, all together. */
export function copySource(copy: DockerfileInstruction, origins: CopyOrigins): CopySource {
  const from = copy.flags.find(({ name }) => name === 'from')?.value;
  const sources = copy.words.slice(0, -1).map((source) => {
    if (source.startsWith('<<')) {
      return hereDocument;
    }
    if (/[$"'\\]/.test(source)) {
      return unknown;
    }
    return from === undefined ? ofContext(source, copy.keyword, origins.context) : ofStage(from, source, origins);
  });
  const kinds = new Set(sources.map(({ kind }) => kind));
  return {
    kind: kinds.size === 1 ? [...kinds][0] : undefined,
    below: (path) => sources.map((source) => source.below(path)).find(Boolean),
  };
}

const hereDocument: CopySource = { kind: 'file', below: () => undefined };

const unknown: CopySource = { below: () => 'unknown' };

function file(name: string): CopySource {
  return { kind: 'file', below: (path) => path === name ? 'file' : undefined };
}

function ofContext(source: string, keyword: string, context: CopySources | undefined): CopySource {
  const anyDirectory: CopySource = { kind: 'directory', below: () => 'unknown' };
  if (!context) {
    return /^[./]+$/.test(source) ? anyDirectory : unknown;
  }
  const matches = context.matches(source);
  if (!matches || matches.some((match) => context.entry(match) === 'link')) {
    return unknown;
  }
  const isDirectory = matches.map((match) => context.entry(match) === 'directory');
  if (keyword === 'ADD' && matches.some((match, index) => !isDirectory[index] && context.mayBeArchive(match))) {
    return unknown;
  }
  return {
    kind: isDirectory.every(Boolean) && matches.length > 0 ? 'directory' : isDirectory.some(Boolean) ? undefined : 'file',
    below: (path) => matches.map((match, index) => {
      const entry = isDirectory[index] ? context.entry(posix.join(match, path)) : posix.basename(match) === path ? 'file' : undefined;
      return entry === 'link' ? 'unknown' : entry;
    }).find(Boolean),
  };
}

function ofStage(stage: string, source: string, { stagePath }: CopyOrigins): CopySource {
  if (/[*?[]/.test(source)) {
    return FILE_NAME.test(source) ? { kind: undefined, below: (path) => path.includes('/') ? undefined : 'unknown' } : unknown;
  }
  const state = stagePath(stage, posix.normalize(`/${source}`));
  if (state === 'file' || FILE_NAME.test(source)) {
    return file(posix.basename(source));
  }
  return state === 'directory' ? { kind: 'directory', below: () => 'unknown' } : unknown;
}
