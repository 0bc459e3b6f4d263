import { DockerfileParser, Instruction } from 'dockerfile-ast';
import { DockerfileInstruction, hereDocuments, joinLines, splitFlags, splitWords } from './dockerfile-instruction';

/** A stage of a Dockerfile. */
export interface DockerfileStage {
  readonly index: number;
  /** That of its FROM, counted from 1. */
  readonly line: number;
  /** In lower case, as BuildKit compares it. */
  readonly name?: string;
  /** The image or the stage that it starts from, as it is written. */
  readonly base: string;
  /** Whether a further context takes the place of that image. */
  readonly isOnContext: boolean;
  /** As it is written. */
  readonly platform?: string;
  /** Without the FROM. */
  readonly instructions: readonly DockerfileInstruction[];
}

export interface DockerfileOptions {
  /** Values that override the defaults of `ARG`. */
  readonly buildArgs?: { readonly [name: string]: string };
  /** Names of further contexts, which take the place of images. */
  readonly contexts?: readonly string[];
}

const UNKNOWN_SYNTAX = 'unknown';

const KEYWORDS = [
  'ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'MAINTAINER', 'ONBUILD', 'RUN', 'SHELL',
  'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR',
];

/**
 * A Dockerfile, as far as it is understood.
 *
 * Of one that is written for another frontend, or in a way that this library does not understand, nothing is known and nothing claimed.
 */
export class Dockerfile {
  /** Never raises an error: BuildKit says better what is wrong with a Dockerfile. */
  public static parse(content: string, options: DockerfileOptions = {}): Dockerfile {
    const parsed = DockerfileParser.parse(content);
    // BuildKit lets a build argument choose the frontend.
    const syntax = options.buildArgs?.BUILDKIT_SYNTAX
      ?? parsed.getDirectives().find((directive) => directive.getName().toLowerCase() === 'syntax')?.getValue()
      ?? (/^#!/.test(content) || /^\/\/\s*syntax\s*=/.test(content) ? UNKNOWN_SYNTAX : undefined);
    if (syntax !== undefined && !isDockerfileFrontend(syntax)) {
      return new Dockerfile(content, [], syntax, [], syntax === UNKNOWN_SYNTAX ? 'its first line names a program that reads it' : `it names the frontend ${syntax}, which may read it in its own way`);
    }
    try {
      return new Dockerfile(content, read(content, parsed.getInstructions(), parsed.getEscapeCharacter()), syntax, options.contexts ?? []);
    } catch (error) {
      return new Dockerfile(content, [], syntax, [], (error as Error).message);
    }
  }

  public readonly stages: readonly DockerfileStage[];
  /** What stands between the beginning and the first FROM. */
  public readonly globalArguments: readonly DockerfileInstruction[];

  private constructor(
    public readonly content: string,
    instructions: readonly DockerfileInstruction[],
    private readonly syntax: string | undefined,
    contexts: readonly string[],
    /** What of it is not understood, if so. */
    public readonly whyUnknown?: string,
  ) {
    const starts = instructions.flatMap(({ keyword }, index) => keyword === 'FROM' ? [index] : []);
    this.globalArguments = instructions.slice(0, starts[0]);
    this.stages = starts.map((start, index): DockerfileStage => ({
      index,
      line: instructions[start].line,
      name: stageName(instructions[start]),
      base: instructions[start].words[0],
      isOnContext: contexts.includes(instructions[start].words[0].toLowerCase()),
      platform: instructions[start].flags.find(({ name }) => name === 'platform')?.value,
      instructions: instructions.slice(start + 1, starts[index + 1]),
    }));
  }

  /** Whether the other members tell the truth. */
  public get isKnown(): boolean {
    return this.whyUnknown === undefined;
  }

  /** Names of the stages, in lower case. */
  public get stageNames(): string[] {
    return this.stages.flatMap(({ name }) => name ?? []);
  }

  /** Whether a build can name this as its target. True where nothing is known. */
  public hasStage(nameOrIndex: string): boolean {
    return !this.isKnown || this.stage(nameOrIndex) !== undefined;
  }

  /** The stage of that name or index, or the last one. */
  public stage(nameOrIndex?: string): DockerfileStage | undefined {
    if (nameOrIndex === undefined) {
      return this.stages[this.stages.length - 1];
    }
    // Of stages with the same name, the last one counts.
    return [...this.stages].reverse().find(({ name }) => name === nameOrIndex.toLowerCase())
      ?? (/^\d+$/.test(nameOrIndex) ? this.stages[Number(nameOrIndex)] : undefined);
  }

  /** The stage of this name among those before another one: what `FROM` and `--from` can name. */
  public stageBefore(stage: DockerfileStage, name: string, options: { readonly byIndex: boolean }): DockerfileStage | undefined {
    const earlier = this.stages.slice(0, stage.index).reverse();
    return earlier.find((candidate) => candidate.name === name.toLowerCase())
      ?? (options.byIndex && /^\d+$/.test(name) ? earlier.find(({ index }) => index === Number(name)) : undefined);
  }

  /** Why `--link` cannot be used in it, if so. */
  public get whyNoLink(): string | undefined {
    if (!this.isKnown) {
      return `the Dockerfile is not understood here: ${this.whyUnknown}`;
    }
    const version = /^docker\/dockerfile(?:-upstream)?:(\d+)(?:\.(\d+))?/.exec(withoutRegistry(this.syntax ?? ''));
    const isOld = version && (version[1] === '0' || (version[1] === '1' && version[2] !== undefined && Number(version[2]) < 4));
    return isOld ? `its syntax, ${this.syntax}, is too old to know --link; it takes docker/dockerfile:1` : undefined;
  }
}

function withoutRegistry(image: string): string {
  return image.trim().split(/\s/)[0].replace(/^docker\.io\//, '');
}

/** One with a version, since others cannot be told apart; without any, `latest` is meant. */
function isDockerfileFrontend(syntax: string): boolean {
  return /^docker\/dockerfile(-upstream)?(:(latest|labs|master|\d+(\.\d+){0,2}(-labs)?))?(@sha256:\w+)?$/.test(withoutRegistry(syntax))
    && !/^docker\/dockerfile(-upstream)?@/.test(withoutRegistry(syntax));
}

function stageName({ words }: DockerfileInstruction): string | undefined {
  return words[1]?.toUpperCase() === 'AS' ? words[2]?.toLowerCase() : undefined;
}

/** Raises an error for whatever is not understood. */
function read(content: string, instructions: Instruction[], escape: string): DockerfileInstruction[] {
  const lines = content.split('\n');
  const result = instructions.map((instruction) => {
    try {
      return readInstruction(instruction, lines, escape);
    } catch (error) {
      throw new Error(`line ${instruction.getRange().start.line + 1}: ${(error as Error).message}`);
    }
  });
  const from = result.find(({ keyword }) => keyword !== 'ARG');
  if (from?.keyword !== 'FROM') {
    throw new Error(from ? `line ${from.line}: ${from.keyword} before the first FROM` : 'there is no FROM');
  }
  return result;
}

function readInstruction(instruction: Instruction, lines: string[], escape: string): DockerfileInstruction {
  const { start, end } = instruction.getRange();
  const keyword = instruction.getKeyword();
  const first = lines[start.line].slice(start.character);
  const keywordEnd = start.character + keyword.length;
  if (!KEYWORDS.includes(keyword) || !first.toUpperCase().startsWith(keyword) || !/^[ \t\r]/.test(first.slice(keyword.length))) {
    throw new Error(`${JSON.stringify(first.trim().split(/\s/)[0])} is not an instruction with arguments`);
  }
  const { line, count } = joinLines([lines[start.line].slice(keywordEnd), ...lines.slice(start.line + 1)], escape);
  const documents = readDocuments(keyword, line, lines, start.line + count);
  const isLonger = documents.end - 1 < end.line && lines.slice(documents.end, end.line + 1).some((more) => more.trim() !== '');
  if (isLonger || documents.end - 1 > end.line) {
    throw new Error('it is not clear where the instruction ends');
  }
  const { flags, rest } = splitFlags(line);
  if (rest === '') {
    throw new Error(`${keyword} has nothing after it`);
  }
  return {
    keyword,
    line: start.line + 1,
    keywordEnd: lines.slice(0, start.line).reduce((length, previous) => length + previous.length + 1, 0) + keywordEnd,
    flags,
    rest,
    ...splitWords(rest),
    documents: documents.lines,
  };
}

function readDocuments(keyword: string, line: string, lines: string[], start: number): { lines: string[]; end: number } {
  const found: string[] = [];
  let end = start;
  for (const { name, dropsTabs } of hereDocuments(keyword, line)) {
    const length = lines.slice(end).findIndex((text) => (dropsTabs ? text.replace(/^\t+/, '') : text).replace(/\r$/, '') === name);
    if (length < 0) {
      throw new Error(`the here-document ${name} does not end`);
    }
    found.push(...lines.slice(end, end + length));
    end += length + 1;
  }
  return { lines: found, end };
}
