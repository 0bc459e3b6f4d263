import * as fs from 'fs';
import * as path from 'path';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';

/** Where archives say what they are. BuildKit unpacks what an ADD finds to be one. */
const SIGNATURES: readonly { readonly at: number; readonly bytes: string }[] = [
  { at: 0, bytes: '1f8b' },
  { at: 0, bytes: '425a68' },
  { at: 0, bytes: 'fd377a58' },
  { at: 0, bytes: '28b52ffd' },
  { at: 257, bytes: '7573746172' },
];

/** Whether an instruction may unpack something of the context. */
export function mayBeArchive({ keyword, flags, words }: DockerfileInstruction, context: string): boolean {
  const unpacks = flags.find(({ name }) => name === 'unpack')?.value ?? String(keyword === 'ADD');
  return unpacks !== 'false' && words.slice(0, -1).some((source) => isArchive(path.join(context, source)));
}

function isArchive(file: string): boolean {
  try {
    if (fs.statSync(file).isDirectory()) return false;
    const head = Buffer.alloc(300);
    const handle = fs.openSync(file, 'r');
    fs.readSync(handle, head);
    fs.closeSync(handle);
    return SIGNATURES.some(({ at, bytes }) => head.subarray(at).toString('hex').startsWith(bytes));
  } catch {
    return true; // a pattern, a variable, or something from elsewhere
  }
}
