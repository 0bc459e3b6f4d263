import * as fs from 'fs';
import * as path from 'path';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';

/** Where archives, compressed or not, say what they are. BuildKit unpacks what an ADD finds to be one. */
const SIGNATURES: readonly { readonly at: number; readonly bytes: string }[] = [
  { at: 0, bytes: '1f8b' },
  { at: 0, bytes: '425a68' },
  { at: 0, bytes: 'fd377a58' },
  { at: 0, bytes: '28b52ffd' },
  { at: 1, bytes: '2a4d18' }, // zstd again, with something else in front
  { at: 257, bytes: '7573746172' },
];

/** Whether an instruction may unpack something of the context. */
export function mayBeArchive({ keyword, flags, words }: DockerfileInstruction, context: string): boolean {
  const unpacks = flags.find(({ name }) => name === 'unpack')?.value ?? String(keyword === 'ADD');
  return unpacks !== 'false' && words.slice(0, -1).some((source) => isArchive(path.resolve('/', source), context));
}

function isArchive(source: string, context: string): boolean {
  try {
    const file = path.join(context, source);
    // A link leads elsewhere within the context than it does here.
    if (path.relative(fs.realpathSync(context), fs.realpathSync(file)) !== path.relative(context, file)) return true;
    if (fs.statSync(file).isDirectory()) return false;
    const head = Buffer.alloc(512);
    const handle = fs.openSync(file, 'r');
    const length = fs.readSync(handle, head);
    fs.closeSync(handle);
    return SIGNATURES.some(({ at, bytes }) => head.subarray(at).toString('hex').startsWith(bytes)) || (length === head.length && isOldHeader(head));
  } catch {
    return true; // a pattern, a variable, or something from elsewhere
  }
}

/** Archives of old have nothing but a checksum to be known by. */
function isOldHeader(head: Buffer): boolean {
  const [, octal] = /^ *([0-7]+)[ \0]/.exec(head.toString('latin1', 148, 156)) ?? [];
  return octal !== undefined && parseInt(octal, 8) === head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}
