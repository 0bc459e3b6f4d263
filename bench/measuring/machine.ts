import { Engine } from '../../integ/local/engines/engine';

/** What a build runs on, known by what it sets in its environment. */
export interface Machine {
  readonly environment: { readonly [name: string]: string };
  /** Ends it and everything it knew. */
  wipe(): Promise<void>;
}

/** As CodeBuild gives one to each build: with a Docker engine that knows nothing, and has the classic image store. */
export async function newMachine(): Promise<Machine> {
  return Engine.fresh({ suite: 'sid' });
}
