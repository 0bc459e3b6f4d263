/** An instruction of a Dockerfile, as BuildKit's parser would hand it on. */
export interface DockerfileInstruction {
  /** In capitals. */
  readonly keyword: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** Where the keyword ends in the Dockerfile. */
  readonly keywordEnd: number;
  readonly flags: readonly DockerfileFlag[];
  /** What follows the flags, in one line. */
  readonly rest: string;
  /** The words of `rest`, or the strings of its JSON. */
  readonly words: readonly string[];
  readonly isJson: boolean;
  /** The lines of its here-documents. */
  readonly documents: readonly string[];
}

export interface DockerfileFlag {
  readonly name: string;
  /** Empty for a flag without one. */
  readonly value: string;
}

const HERE_DOCUMENT = /^\d*<<(-?)(["']?)([\w.-]+)\2$/;

/** A here-document that an instruction announces. */
export interface HereDocument {
  readonly name: string;
  readonly dropsTabs: boolean;
}

/** Raises an error when an instruction announces one in a way that is not understood. */
export function hereDocuments(keyword: string, line: string): HereDocument[] {
  if (!['RUN', 'COPY', 'ADD'].includes(keyword)) {
    return [];
  }
  return line.split(/\s+/).filter((word) => /^\d*<<(?!<)./.test(word)).map((word) => {
    const match = HERE_DOCUMENT.exec(word);
    if (!match) {
      throw new Error(`the here-document ${word} is not understood`);
    }
    return { name: match[3], dropsTabs: match[1] === '-' };
  });
}

/** Joins the lines of an instruction, without the comments between them. */
export function joinLines(lines: readonly string[], escape: string): { readonly line: string; readonly count: number } {
  let line = '';
  for (const [index, part] of lines.entries()) {
    if (index > 0 && /^\s*(#|$)/.test(part)) {
      continue;
    }
    const trimmed = part.replace(/[ \t\r]+$/, '');
    if (trimmed.endsWith(escape + escape)) {
      throw new Error('a line ends with two escape characters');
    }
    if (!trimmed.endsWith(escape)) {
      return { line: line + part.replace(/\r$/, ''), count: index + 1 };
    }
    line += trimmed.slice(0, -1);
  }
  return { line, count: lines.length };
}

/** Splits what follows a keyword into flags and the rest. */
export function splitFlags(line: string): { readonly flags: DockerfileFlag[]; readonly rest: string } {
  const flags: DockerfileFlag[] = [];
  let rest = line.trim();
  for (let match = /^--([a-z][\w-]*)(?:=(\S*))?(?:\s+|$)/.exec(rest); match; match = /^--([a-z][\w-]*)(?:=(\S*))?(?:\s+|$)/.exec(rest)) {
    flags.push({ name: match[1], value: match[2] ?? '' });
    rest = rest.slice(match[0].length);
  }
  return { flags, rest };
}

/** The words of an instruction; those in JSON may hold spaces. */
export function splitWords(rest: string): { readonly words: string[]; readonly isJson: boolean } {
  if (rest.startsWith('[')) {
    try {
      const words = JSON.parse(rest);
      if (Array.isArray(words) && words.every((word) => typeof word === 'string')) {
        return { words, isJson: true };
      }
    } catch {
      // then they are plain words, also to BuildKit
    }
  }
  return { words: rest.split(/\s+/).filter(Boolean), isJson: false };
}
