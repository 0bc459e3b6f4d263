import { posix } from 'path';
import { TrailingCopy } from './trailing-copies';
import { ownerInNumbers, UserNames } from './user-names';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';

/** How the destination of a copy is written, so that it means without the layers below what it means with them. */
export interface Destination {
  /** It is a directory there, so it ends with a slash. */
  readonly isDirectory?: boolean;
  /** A link is in its way, and leads here. */
  readonly path?: string;
}

export interface LinkOptions {
  /** The text of each copy whose destination has to be written in another way. */
  readonly destinations: { readonly [text: string]: Destination };
  /** Undefined where they are not known. */
  readonly names?: UserNames;
}

/** An instruction on one line, by which it is known again. */
export function textOf({ keyword, flags, rest }: DockerfileInstruction): string {
  return [keyword, ...flags.map(({ name, value }) => (value === '' ? `--${name}` : `--${name}=${value}`)), rest].join(' ');
}


/**
 * Writes `--link` into the copies at the end of a Dockerfile. Owners become numbers. A mode is left out, since BuildKit links no copy that has one, and
 * a WORKDIR, since it needs the layers below: both are put into the image afterwards. Lines stay where they are.
 *
 * @returns the Dockerfile, or the reason why it cannot be written
 */
export function linkDockerfile(
  dockerfile: Dockerfile, copies: readonly TrailingCopy[], { destinations, names }: LinkOptions,
): { content: string } | { obstacle: string } {
  let { content } = dockerfile;
  const escape = /^#\s*escape\s*=\s*`/im.test(content) ? '`' : '\\';
  for (const { instruction, isLinked, workdir, workdirsBehind } of [...copies].reverse()) {
    for (const behind of [...workdirsBehind].reverse()) {
      content = replaceIn(content, lineRange(content, behind.keywordEnd), () => '');
    }
    const range = { start: instruction.keywordEnd, end: headerEnd(content, instruction.keywordEnd, escape) };
    let header = content.slice(range.start, range.end);
    const owner = instruction.flags.find(({ name }) => name === 'chown')?.value;
    if (!isLinked && owner !== undefined && !owner.includes('$')) {
      const numbers = ownerInNumbers(owner, names ?? NOBODY);
      if (numbers === undefined) return { obstacle: `the owner ${owner} of the ${instruction.keyword} in line ${instruction.line} is nobody that the layers below know` };
      header = header.replace(`--chown=${owner}`, () => `--chown=${numbers}`);
    }
    header = header.replace(/(\s)--chmod=\S+/, '$1');
    const destination = destinations[textOf(instruction)] ?? {};
    const written = instruction.words.at(-1)!;
    const wanted = rewritten(written, workdir, destination);
    if (wanted === undefined) return { obstacle: `where the ${instruction.keyword} in line ${instruction.line} goes can only be said with the layers below` };
    if (wanted !== written) {
      const changed = replaceLast(header, instruction, wanted);
      if (changed === undefined) return { obstacle: `the destination of the ${instruction.keyword} in line ${instruction.line} is written in a way that is not understood` };
      header = changed;
    }
    const hasFlag = instruction.flags.some(({ name }) => name === 'link');
    content = replaceIn(content, range, () => `${hasFlag ? '' : ' --link'}${header}`);
  }
  return { content };
}

const NOBODY: UserNames = { users: {}, groups: {} };

/** Undefined where it depends on what only BuildKit knows. */
function rewritten(written: string, workdir: string | undefined, { isDirectory, path }: Destination): string | undefined {
  const plain = unquoted(written);
  const isOpen = plain.includes('$') || plain.includes('\\');
  let wanted = plain;
  if (path !== undefined) {
    if (isOpen) return undefined;
    wanted = /\/\.?$/.test(plain) ? `${path}/` : path;
  } else if (workdir !== undefined && !plain.startsWith('/')) {
    if (isOpen) return undefined;
    const slash = /(^|\/)\.?\.?$/.test(plain) ? '/' : '';
    wanted = `${posix.join(workdir, plain).replace(/(.)\/$/, '$1')}${slash}`;
  }
  if (isDirectory && !wanted.endsWith('/')) wanted += '/';
  return wanted === plain ? written : written.startsWith('"') || written.startsWith("'") ? written.replace(plain, () => wanted) : wanted;
}

function unquoted(word: string): string {
  return /^"[^"']*"$|^'[^"']*'$/.test(word) ? word.slice(1, -1) : word;
}

/** The destination is the last word, or the last string of a JSON form. */
function replaceLast(header: string, { words, isJson }: DockerfileInstruction, wanted: string): string | undefined {
  const old = words.at(-1)!;
  const [search, replacement] = isJson ? [JSON.stringify(old), JSON.stringify(wanted)] : [old, wanted];
  const at = header.lastIndexOf(search);
  if (at < 0 || !/^\s*\]?\s*$/.test(header.slice(at + search.length))) return undefined;
  return `${header.slice(0, at)}${replacement}${header.slice(at + search.length)}`;
}

function replaceIn(content: string, { start, end }: { start: number; end: number }, by: () => string): string {
  return `${content.slice(0, start)}${by()}${content.slice(end)}`;
}

/** The whole line of an instruction of one line. */
function lineRange(content: string, inside: number): { start: number; end: number } {
  const end = content.indexOf('\n', inside);
  return { start: content.lastIndexOf('\n', inside - 1) + 1, end: end < 0 ? content.length : end };
}

/** Where an instruction ends, without its here-documents. */
function headerEnd(content: string, start: number, escape: string): number {
  for (let from = start, isFirst = true; ; isFirst = false) {
    const { start: begin, end } = lineRange(content, from);
    const line = content.slice(isFirst ? start : begin, end);
    const isComment = !isFirst && /^\s*(#|\r?$)/.test(line);
    if (end >= content.length || (!isComment && !line.trimEnd().endsWith(escape))) return end;
    from = end + 1;
  }
}
