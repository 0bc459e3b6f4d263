import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { withLock } from './lock';

/**
 * Makes a directory, unless it was made from the very same before; what is left of another try is removed first. Of several processes that ask
 * for it at once, one makes it and the others wait.
 */
export async function makeOnce(directory: string, from: readonly (string | Buffer)[], how: (directory: string) => Promise<void>): Promise<void> {
  const hash = createHash('sha256');
  from.forEach(piece => hash.update(piece).update('\0'));
  const madeFrom = hash.digest('hex');
  const marker = path.join(directory, '.made-from');
  const isMade = () => fs.existsSync(marker) && fs.readFileSync(marker, 'utf8') === madeFrom;
  if (isMade()) return;
  fs.mkdirSync(path.dirname(directory), { recursive: true });
  await withLock(`${directory}.lock`, async () => {
    if (isMade()) return;
    fs.rmSync(directory, { recursive: true, force: true });
    fs.mkdirSync(directory, { recursive: true });
    await how(directory);
    fs.writeFileSync(marker, madeFrom);
  });
}
