import * as fs from 'fs';
import * as path from 'path';
import { StageInstruction } from '../../lib/dockerfile/built-stages';

/** What a step takes from a context, an image or another stage. */
export interface StepSource {
  /** The name of a context, an image or a stage; undefined for the context of the image. */
  readonly from?: string;
  /** The paths in it, with wildcards. */
  readonly paths: readonly string[];
  /** Whether it takes no more than that, and all of it. */
  readonly isExact: boolean;
}

/** What a step takes from elsewhere. */
export function sourcesOf(instruction: StageInstruction): StepSource[] {
  const { keyword, flags, words } = instruction;
  if (keyword === 'RUN') {
    return flags.filter(({ name }) => name === 'mount').flatMap(({ value }) => {
      const options = new Map(value.split(',').map((option) => /^([^=]+)=?(.*)$/s.exec(option)!).map(([, name, text]) => [name, text] as const));
      if ((options.get('type') ?? 'bind') !== 'bind') return []; // secrets and caches are no part of what BuildKit knows a step by
      const source = options.get('source') ?? options.get('src') ?? '.';
      return [{ from: options.get('from'), paths: [source], isExact: !/[$"'\\]/.test(value) }];
    });
  }
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  const paths = words.slice(0, -1).filter((word) => !/^<</.test(word)); // what is in the Dockerfile itself
  const from = flags.find(({ name }) => name === 'from')?.value;
  if (paths.length === 0 && from === undefined) return [];
  const isExact = !flags.some(({ name }) => name === 'exclude') && paths.every((word) => !/[$"'\\]|:\/\/|^git@/.test(word));
  return [{ from, paths, isExact }];
}

/** Whether a source brings what is at a path; undefined where that cannot be said, as of a folder that counts as a whole. */
export function brings(source: string, place: string): boolean | undefined {
  const [wanted, names] = [namesOf(source), namesOf(place)];
  let isSure = true;
  for (const [index, pattern] of wanted.slice(0, names.length).entries()) {
    if (/\*\*|\[|\\/.test(pattern)) isSure = false;
    else if (!matches(pattern, names[index])) return false;
  }
  if (!isSure) return undefined;
  if (wanted.length <= names.length) return true;
  return place.endsWith('/') ? undefined : false;
}

/** Where a source leads if it is behind links, as builders follow them; undefined where that cannot be said. */
export function followed(context: string, source: string, hasLinks: boolean): string | undefined {
  if (!hasLinks) return source;
  if (/[*?[\\]/.test(source)) return undefined;
  try {
    const target = path.relative(fs.realpathSync(context), fs.realpathSync(path.join(context, source)));
    return target === '..' || target.startsWith(`..${path.sep}`) ? undefined : target;
  } catch {
    return undefined;
  }
}

function namesOf(source: string): string[] {
  return path.posix.normalize(`/${source}`).split('/').filter(Boolean);
}

function matches(pattern: string, name: string): boolean {
  return new RegExp(`^${pattern.replace(/[.+^${}()|\]]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 's').test(name);
}
