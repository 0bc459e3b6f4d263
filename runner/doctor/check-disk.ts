import * as fs from 'fs';
import * as os from 'os';
import { Finding, ok, problem, warn } from './finding';
import { reasonOf } from '../report/failure';

/** Layers are unpacked, and an image may be as large as AWS Lambda takes it: in bytes. */
const COMFORTABLE = 5e9;
const NEEDED = 0.5e9;

export interface Disks {
  /** Where temporary files go. */
  readonly temporary: string;
  /** Where the engine keeps its data, if that is on this machine. */
  readonly engine?: string;
}

type Space = (place: string) => { readonly bavail: number; readonly bsize: number };

/** How much space is left where builds need it. */
export function checkDisks({ temporary = os.tmpdir(), engine }: Partial<Disks> = {}, space: Space = fs.statfsSync): Finding[] {
  const engines = engine !== undefined && engine !== '' && fs.existsSync(engine) ? [{ place: engine, what: 'the data of the engine', todo: 'free some: `docker system prune`' }] : [];
  return [{ place: temporary, what: 'temporary files', todo: 'free some, or set TMPDIR to a directory with more space' }, ...engines].map(({ place, what, todo }) => {
    try {
      const { bavail, bsize } = space(place);
      const free = bavail * bsize;
      const text = `${(free / 1e9).toFixed(1)} GB free for ${what} (${place})`;
      if (free < NEEDED) return problem('disk', text, todo);
      return free < COMFORTABLE ? warn('disk', `${text}, which is little for large images`, todo) : ok('disk', text);
    } catch (error) {
      return problem('disk', `there is no place for ${what}: ${reasonOf(error)}`, todo);
    }
  });
}
