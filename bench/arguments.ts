import { parseArgs } from 'util';

/** What may be named on the command line. */
export interface Choices {
  readonly rows: readonly string[];
  readonly dockerfiles: readonly string[];
  readonly sizes: readonly string[];
}

/** What the command line asks for. */
export interface BenchArguments {
  readonly list: boolean;
  readonly rows: readonly string[];
  readonly dockerfiles: readonly string[];
  readonly size: string;
  readonly rounds: number;
  /** Whether it is the whole benchmark, whose results are kept. */
  readonly complete: boolean;
}

/** Throws with what is allowed when something is not. */
export function readArguments(args: readonly string[], choices: Choices, usual = { size: 'full', rounds: '2' }): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      list: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      dockerfile: { type: 'string', multiple: true },
      size: { type: 'string', default: usual.size },
      rounds: { type: 'string', default: usual.rounds },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: give a whole number from 1 on`);
  const [size] = known('size', [values.size], choices.sizes);
  return {
    list: values.list,
    rows: known('only', values.only, choices.rows),
    dockerfiles: known('dockerfile', values.dockerfile, choices.dockerfiles),
    size,
    rounds,
    complete: !values.only && !values.dockerfile && size === usual.size,
  };
}

/** The names given, in the order of those there are; all of them when none is given. */
function known(option: string, given: readonly string[] | undefined, all: readonly string[]): string[] {
  if (!given) return [...all];
  const unknown = given.filter(name => !all.includes(name));
  if (unknown.length > 0) throw new Error(`--${option} ${unknown.join(' ')}: there is only ${all.join(', ')}`);
  return all.filter(name => given.includes(name));
}
