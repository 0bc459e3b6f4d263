import * as fs from 'fs';
import * as path from 'path';
import { makeOnce } from './make-once';
import { stillGoing } from './still-going';
import { findProgram, systemPrograms } from './system-programs';
import { execute } from '../world/execute';

const root = path.resolve(__dirname, '../../..', '.parts');

/** Where the programs lie that a play runs with. Nothing in there is committed. */
export const parts = {
  root,
  /** Go programs: buildkitd, buildx, docker, registry. The pinned ones, except in a demo that found some on the PATH. */
  get bin() {
    return process.env.PLAY_TOOLS ?? path.join(root, 'bin');
  },
  /** Python programs: aws, moto_server, shellcheck. */
  python: path.join(root, 'venv', 'bin'),
  /** A Python with the CDK, for apps in that language. */
  pythonCdk: path.join(root, 'cdk-venv', 'bin'),
  /** The Node.js of the builds. */
  node: path.join(root, 'node', 'bin'),
  /** The executor of kaniko, if the machine has one (see kaniko.ts). */
  get kaniko() {
    return process.env.PLAY_KANIKO;
  },
  /** A directory for what is made on demand: packages, images, engines. */
  directory: (...names: string[]) => path.join(root, ...names),
};

/**
 * Finds the parts, or makes them: some minutes the first time, nothing when they are there.
 */
export async function prepareParts(say: (line: string) => void = console.error): Promise<void> {
  systemPrograms.check();
  await buildPinnedTools(say);
  await prepareNode(say);
  await preparePython(say);
  await preparePythonCdk(say);
}

/** The part of them that Go builds: the very versions of go.mod, whatever the machine has. */
export async function buildPinnedTools(say: (line: string) => void = console.error): Promise<void> {
  await makeOnce(path.join(root, 'bin'), contents('go.mod', 'go.sum'), async directory => {
    if (!findProgram('go')) throw new Error('Go is missing (1.21 or later; the version of integ/local/parts/go.mod is then got by itself)');
    say('building buildkitd, buildx, docker and registry with Go; this takes some minutes the first time');
    let modules = 0;
    await stillGoing('building with Go', say, () => execute('bash', [path.join(__dirname, 'build-tools.sh'), directory], {
      onLine: line => {
        if (!line.startsWith('go: downloading')) say(line);
        else if (++modules % 100 === 0) say(`${modules} modules downloaded`);
      },
    }));
  });
}

/** The part of them that npm has: the very version that is the `node` of CodeBuild's build images. */
export async function prepareNode(say: (line: string) => void = console.error): Promise<void> {
  const pinned = `node-linux-${process.arch}@18.20.8`;
  await makeOnce(path.dirname(parts.node), [pinned], async directory => {
    say(`getting ${pinned} with npm`);
    const archive = (await execute('npm', ['pack', '--silent', pinned], { cwd: directory })).trim();
    await execute('tar', ['--extract', '--no-same-owner', '--file', archive, '--strip-components', '1', 'package/bin/node'], { cwd: directory });
    fs.rmSync(path.join(directory, archive));
  });
}

/** The part of them that pip installs. */
export async function preparePython(say: (line: string) => void = console.error): Promise<void> {
  await makeOnce(path.dirname(parts.python), contents('requirements.txt'), async directory => {
    say('installing the aws client, moto and shellcheck with pip');
    await execute('python3', ['-m', 'venv', directory]);
    const requirements = path.join(__dirname, 'requirements.txt');
    const install = ['install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements];
    await stillGoing('installing with pip', say, () => execute(path.join(parts.python, 'pip'), install, { onLine: say }));
  });
}

/** The other part of them that pip installs: the very CDK that this library is compiled with, and what each of its packages for Python needs. */
async function preparePythonCdk(say: (line: string) => void): Promise<void> {
  const { devDependencies: versions } = JSON.parse(fs.readFileSync(path.resolve(root, '../package.json'), 'utf8')) as { devDependencies: Record<string, string> };
  const requirements = [...['aws-cdk-lib', 'constructs'].map(name => `${name}==${versions[name]}`), 'publication'];
  await makeOnce(path.dirname(parts.pythonCdk), requirements, async directory => {
    say(`installing ${requirements.join(', ')} with pip`);
    await execute('python3', ['-m', 'venv', directory]);
    const install = ['install', '--quiet', '--disable-pip-version-check', ...requirements];
    await stillGoing('installing with pip', say, () => execute(path.join(parts.pythonCdk, 'pip'), install, { onLine: say }));
  });
}

function contents(...files: string[]): Buffer[] {
  return files.map(file => fs.readFileSync(path.join(__dirname, file)));
}
