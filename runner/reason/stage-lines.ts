import { Dockerfile, DockerfileStage } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';
import { STEPS } from '../solve/steps-below';

/** An instruction that the results of a stage depend on. */
export interface StageLine {
  readonly keyword: string;
  /** What it says, without what BuildKit does not look at. Of an ARG, the names only. */
  readonly text: string;
  /** The default values of an ARG. */
  readonly defaults?: string;
  readonly line: number;
  readonly instruction: DockerfileInstruction;
  /** The names of the variables that it sets. */
  readonly declares: readonly string[];
}

/** What only changes the configuration of an image makes no step run. */
const SETTINGS = ['ARG', 'ENV', 'SHELL', 'USER'];

/** An instruction as BuildKit knows it. */
export function textOf({ keyword, flags, rest, words, documents, isJson }: DockerfileInstruction): string {
  const said = ['COPY', 'ADD', 'WORKDIR', 'USER'].includes(keyword) ? words : [rest];
  return JSON.stringify([keyword, flags.map(({ name, value }) => [name, value]), said, isJson, documents]);
}

/** The instructions of a stage that its results depend on. */
export function linesOf({ globalArguments }: Dockerfile, stage: DockerfileStage): StageLine[] {
  const globals = new Map(globalArguments.flatMap(({ words, line }) => words.map((word) => [nameOf(word), { word, line }])));
  const counted = stage.instructions.filter(({ keyword }) => STEPS.includes(keyword) || SETTINGS.includes(keyword));
  return counted.map((instruction): StageLine => {
    const { keyword, line, words } = instruction;
    if (keyword !== 'ARG') return { keyword, line, instruction, text: textOf(instruction), declares: keyword === 'ENV' ? namesOfEnv(instruction) : [] };
    const values = words.map((word) => (word.includes('=') ? { word, line } : globals.get(word) ?? { word, line }));
    const declares = words.map(nameOf);
    return { keyword, instruction, line: values[0].line, text: declares.join(), defaults: values.map(({ word }) => word).join(' '), declares };
  });
}

/** The names of the variables that a text has a place for. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
}

function nameOf(word: string): string {
  return word.split('=')[0];
}

function namesOfEnv({ rest }: DockerfileInstruction): string[] {
  const isOldForm = !/^[^\s=]+=/.test(rest);
  return isOldForm ? [rest.split(/\s/)[0]] : [...rest.matchAll(/(?:^|\s)([^\s="']+)=/g)].map(([, name]) => name);
}
