import * as fs from 'fs';
import * as path from 'path';
import { randomBytes } from './random-bytes';
import { execute } from '../world/execute';

/** The packages `pip` finds in the base image, each in the versions 1.0.0 and 2.0.0, and their share of the size. */
const packages: { readonly [name: string]: number } = { 'big-numbers': 0.7, 'small-talk': 0.2, 'tiny-steps': 0.1 };

export const wheelVersions = ['1.0.0', '2.0.0'];

/** What a function of the play asks for. */
export function requirements(version = '1.0.0'): string {
  // one package changes, as in life; the others stay
  return Object.keys(packages).map((name, i) => `${name}==${i === 0 ? version : '1.0.0'}\n`).join('');
}

/**
 * Writes the wheels into a directory.
 *
 * @param megabytes how much one version of all packages weighs when installed
 */
export async function writeWheels(directory: string, megabytes: number): Promise<void> {
  fs.mkdirSync(directory, { recursive: true });
  for (const [name, share] of Object.entries(packages)) {
    for (const version of wheelVersions) {
      await writeWheel(directory, name, version, Math.round(share * megabytes * 1e6));
    }
  }
}

async function writeWheel(directory: string, name: string, version: string, size: number) {
  const module = name.replace(/-/g, '_');
  const info = `${module}-${version}.dist-info`;
  const source = path.join(directory, `.${module}`);
  const files: { readonly [file: string]: string | Buffer } = {
    [`${module}/__init__.py`]: `__version__ = '${version}'\n`,
    [`${module}/payload.bin`]: randomBytes(`${name} ${version}`, size),
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: play\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: '',
  };
  for (const [file, content] of Object.entries(files)) {
    const target = path.join(source, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, content);
    fs.utimesSync(target, 946684800, 946684800); // a zip cannot hold the year 1970
  }
  const wheel = path.join(directory, `${module}-${version}-py3-none-any.whl`);
  await execute('zip', ['-q', '-X', '-0', wheel, ...Object.keys(files)], { cwd: source, env: { ...process.env, TZ: 'UTC' } });
  fs.rmSync(source, { recursive: true });
}
