import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';

/** Makes a directory, unless it was made from the very same before; what is left of another try is removed first. */
export async function makeOnce(directory: string, from: readonly (string | Buffer)[], how: (directory: string) => Promise<void>): Promise<void> {
  const hash = createHash('sha256');
  from.forEach(piece => hash.update(piece).update('\0'));
  const madeFrom = hash.digest('hex');
  const marker = path.join(directory, '.made-from');
  if (fs.existsSync(marker) && fs.readFileSync(marker, 'utf8') === madeFrom) return;
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  await how(directory);
  fs.writeFileSync(marker, madeFrom);
}
