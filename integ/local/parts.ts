import * as fs from 'fs';
import * as path from 'path';
import { execute } from './execute';
import { makeOnce } from './make-once';

const root = path.resolve(__dirname, '../..', '.parts');

/** Where the programs lie that a play runs with. Nothing in there is committed. */
export const parts = {
  root,
  /** Go programs: buildctl, buildkitd, buildx, docker, registry. */
  bin: path.join(root, 'bin'),
  /** Python programs: aws, moto_server, shellcheck. */
  python: path.join(root, 'venv', 'bin'),
  /** A directory for what is made on demand: packages, images, engines. */
  directory: (...names: string[]) => path.join(root, ...names),
};

/** Programs only Debian's packages can give, by what they are needed for. */
const debian: { readonly [program: string]: string } = {
  'apt-get': 'packages for base images and engines',
  'bash': 'the shell of a build',
  'busybox': 'base images (package busybox-static)',
  'curl': 'builds',
  'dpkg-deb': 'packages for base images and engines',
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

/**
 * Finds the parts, or makes them: some minutes the first time, nothing when they are there.
 */
export async function prepareParts(say: (line: string) => void = console.error): Promise<void> {
  checkDebian();
  await makeOnce(parts.bin, contents('go.mod', 'go.sum'), async () => {
    say('building buildkitd, buildx, docker and registry with Go; this takes some minutes the first time');
    const modules = await versions(['github.com/moby/buildkit', 'github.com/docker/buildx', 'github.com/docker/cli']);
    await execute('go', ['build', '-trimpath', '-ldflags', [
      '-s -w',
      `-X github.com/moby/buildkit/version.Version=${modules['github.com/moby/buildkit']}`,
      `-X github.com/docker/buildx/version.Version=${modules['github.com/docker/buildx']}`,
      `-X github.com/docker/cli/cli/version.Version=${modules['github.com/docker/cli'].replace(/^v|\+.*$/g, '')}`,
    ].join(' '), '-o', parts.bin + path.sep, 'tool'], { cwd: __dirname, env: { ...process.env, CGO_ENABLED: '0' }, onLine: say });
  });
  await preparePython(say);
}

/** The part of them that pip installs. */
export async function preparePython(say: (line: string) => void = console.error): Promise<void> {
  await makeOnce(path.dirname(parts.python), contents('requirements.txt'), async directory => {
    say('installing the aws client, moto and shellcheck with pip');
    await execute('python3', ['-m', 'venv', directory]);
    const requirements = path.join(__dirname, 'requirements.txt');
    await execute(path.join(parts.python, 'pip'), ['install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements], { onLine: say });
  });
}

function checkDebian() {
  const places = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  const missing = Object.keys(debian).filter(program => !places.some(place => fs.existsSync(path.join(place, program))));
  if (missing.length === 0) return;
  throw new Error([
    'Programs are missing that only the system can give:',
    ...missing.map(program => `  ${program}: for ${debian[program]}`),
    'On Debian, run integ/local/install-debian.sh as root.',
  ].join('\n'));
}

function contents(...files: string[]): Buffer[] {
  return files.map(file => fs.readFileSync(path.join(__dirname, file)));
}

async function versions(modules: string[]): Promise<{ [module: string]: string }> {
  const listed = await execute('go', ['list', '-m', '-f', '{{.Path}} {{.Version}}', ...modules], { cwd: __dirname });
  return Object.fromEntries(listed.trim().split('\n').map(line => line.split(' ')));
}
