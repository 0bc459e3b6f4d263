import * as fs from 'fs';
import * as path from 'path';
import { stillGoing } from './still-going';
import { execute } from '../world/execute';

/** Programs only Debian's packages can give, by what they are needed for. */
const needed: { readonly [program: string]: string } = {
  'apt-get': 'packages for base images and engines',
  'bash': 'the shell of a build',
  'busybox': 'base images (package busybox-static)',
  'curl': 'builds',
  'dpkg-deb': 'packages for base images and engines',
  'flock': 'parts that are made once (package util-linux)',
  'git': 'builds',
  'gzip': 'layers',
  'ip': 'isolation (package iproute2)',
  'iptables': 'Docker engines',
  'jq': 'builds',
  'openssl': 'certificates',
  'python3': 'the aws client and the emulated AWS endpoint (and package python3-venv)',
  'runc': 'BuildKit',
  'setpriv': 'isolation (package util-linux)',
  'tar': 'layers',
  'unshare': 'isolation (package util-linux)',
  'unzip': 'input artifacts',
  'zip': 'input artifacts',
};

const installer = path.join(__dirname, 'install-debian.sh');

/** What the machine's own packages have to give. */
export const systemPrograms = {
  /** Throws with what to do when some are not there. */
  check(): void {
    const missing = Object.keys(needed).filter(program => !findProgram(program, ['/usr/sbin', '/sbin']));
    if (missing.length === 0) return;
    throw new Error([
      'Programs are missing that only the system can give:',
      ...missing.map(program => `  ${program}: for ${needed[program]}`),
      findProgram('apt-get')
        ? 'Install them as root: bash integ/local/parts/install-debian.sh'
        : 'They come from the packages of a Debian, and this machine has no apt-get.',
    ].join('\n'));
  },

  /** Installs what is not there, as root on a Debian. */
  async install(say: (line: string) => void): Promise<void> {
    const packages = findProgram('apt-get') ? (await execute('bash', [installer, '--missing'])).trim() : '';
    if (packages) {
      say(`installing Debian packages (integ/local/parts/install-debian.sh): ${packages}`);
      await stillGoing('installing Debian packages', say, () => execute('bash', [installer]));
    }
    systemPrograms.check();
  },
};

/** Where a program lies: on the PATH, or in one of the other directories. */
export function findProgram(name: string, elsewhere: readonly string[] = []): string | undefined {
  return [...(process.env.PATH ?? '').split(path.delimiter), ...elsewhere]
    .filter(directory => path.isAbsolute(directory))
    .map(directory => path.join(directory, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
