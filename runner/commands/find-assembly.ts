import * as fs from 'fs';
import * as path from 'path';
import { Session } from './session';
import { UsageError } from './usage-error';

/** The cloud assembly that a command is about: the one that is named, the one that this program is in, or the one of the folder that it was called in. */
export function findAssembly({ program, cwd }: Pick<Session, 'program' | 'cwd'>, app?: string): string {
  if (app !== undefined) {
    const named = path.resolve(cwd, app);
    if (isAssembly(named)) return named;
    throw new UsageError(`${named} is no cloud assembly: synthesize the app (npx cdk synth), and give --app the folder that it writes, which is cdk.out unless you have named another`);
  }
  const [own, usual] = [path.dirname(program), path.resolve(cwd, 'cdk.out')];
  const found = [own, usual].find(isAssembly);
  if (found !== undefined) return found;
  throw new UsageError(`there is no cloud assembly where this program is (${own}) and none in ${usual}: synthesize the app (npx cdk synth) and run this in its folder, or name the assembly with --app`);
}

/** The CDK writes `manifest.json`, and this library the plans. */
function isAssembly(folder: string): boolean {
  try {
    return fs.readdirSync(folder).some((name) => name === 'manifest.json' || /^image-.*\.json$/.test(name));
  } catch {
    return false;
  }
}
