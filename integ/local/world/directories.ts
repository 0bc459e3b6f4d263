import * as fs from 'fs';
import * as path from 'path';

/** The directory of the world this process runs in; it vanishes with the world. */
export function worldDirectory(...names: string[]): string {
  const directory = process.env.PLAY_WORLD;
  if (!directory) throw new Error('This runs only inside the isolation: start it through integ/local/run.ts.');
  return path.join(directory, ...names);
}

/** A new empty directory in the world. */
export function freshDirectory(purpose: string): string {
  fs.mkdirSync(worldDirectory('fresh'), { recursive: true });
  return fs.mkdtempSync(worldDirectory('fresh', `${purpose}-`));
}
