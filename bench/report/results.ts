import { Measurement } from '../measuring/measurement';

/** A row of the tables. */
export interface ResultRow {
  /** As on the command line. */
  readonly name: string;
  readonly title: string;
  /** Whether it is this library that builds. */
  readonly ours: boolean;
  /** Whether its first build stands for others that were not measured. */
  readonly forgets?: boolean;
  /** Whether the README shows it. */
  readonly isShown?: boolean;
}

/** Everything one run of the benchmark found, and where it ran. */
export interface Results {
  readonly date: string;
  /** How to run it again. */
  readonly command: string;
  readonly machine: string;
  /** By name: what built, pushed and stored. */
  readonly versions: { readonly [program: string]: string };
  readonly link: string;
  readonly size: string;
  readonly rounds: number;
  /** How many builds there are to be; with fewer measurements, the run was stopped. */
  readonly builds: number;
  readonly rows: readonly ResultRow[];
  /** The name of the row all others are compared to. */
  readonly baseline: string;
  readonly dockerfiles: { readonly [name: string]: string };
  readonly measurements: readonly Measurement[];
}
