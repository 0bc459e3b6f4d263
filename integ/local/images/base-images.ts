import * as fs from 'fs';
import * as path from 'path';
import { ContainerImage } from './container-image';
import { writeNodeTools } from './node-tools';
import { randomBytes } from './random-bytes';
import { writeWheels } from './wheels';
import { DebianPackages } from '../parts/debian-packages';
import { parts } from '../parts/parts';
import { Registry } from '../registry/registry';
import { freshDirectory, worldDirectory } from '../world/directories';
import { execute } from '../world/execute';

export interface LambdaPythonOptions {
  /** Megabytes one set of dependencies weighs. @default 20 */
  readonly dependencies?: number;
  /** Megabytes of ballast, to make the image as big as the real one. @default 0 */
  readonly padding?: number;
  /** The one that it says it is for, as nothing here could run the programs of another: they are always this machine's. @default 'amd64' */
  readonly architecture?: 'amd64' | 'arm64';
}

const suite = 'bookworm'; // its Python is 3.11

const busybox = ['busybox-static'];
const buildKit = ['libc6', 'libseccomp2', 'runc'];
const python = [
  'ca-certificates', 'libbz2-1.0', 'libc6', 'libcrypt1', 'libexpat1', 'libffi8', 'liblzma5', 'libnsl2', 'libpython3-stdlib',
  'libpython3.11-minimal', 'libpython3.11-stdlib', 'libreadline8', 'libsqlite3-0', 'libssl3', 'libtinfo6', 'libtirpc3',
  'libuuid1', 'media-types', 'python3', 'python3-distutils', 'python3-minimal', 'python3.11', 'python3.11-minimal', 'zlib1g',
];
const pip = ['python3-lib2to3', 'python3-pip', 'python3-pkg-resources', 'python3-setuptools', 'python3-wheel'];

const searchPath = 'PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/** Stand-ins for the images people start from, made of Debian's packages. */
export const baseImages = {
  /** Looks like `public.ecr.aws/lambda/python:3.11`; its pip finds its packages in /opt/wheels, so it needs no network. */
  async lambdaPython({ dependencies = 20, padding = 0, architecture = 'amd64' }: LambdaPythonOptions = {}): Promise<ContainerImage> {
    return ContainerImage.make(parts.directory('images', `lambda-python-${dependencies}-${padding}-${architecture}`), async roots => {
      const layers = ['system', 'wheels', 'padding'].map(name => path.join(roots, name));
      await system(layers[0], [...busybox, ...python, ...pip]);
      await writeWheels(path.join(layers[1], 'opt/wheels'), dependencies);
      fs.mkdirSync(path.join(layers[1], 'var/task'), { recursive: true });
      if (padding === 0) return layers.slice(0, 2);
      fs.mkdirSync(path.join(layers[2], 'opt'), { recursive: true });
      fs.writeFileSync(path.join(layers[2], 'opt/padding'), randomBytes('padding', padding * 1e6));
      return layers;
    }, {
      Env: [
        searchPath, 'LAMBDA_TASK_ROOT=/var/task', 'PIP_NO_INDEX=1', 'PIP_FIND_LINKS=/opt/wheels', 'PIP_DISABLE_PIP_VERSION_CHECK=1',
        'PIP_BREAK_SYSTEM_PACKAGES=1', // as a Python has it that is not Debian's own
      ],
      WorkingDir: '/var/task',
      Entrypoint: ['/lambda-entrypoint.sh'],
      architecture,
    });
  },

  /** Looks like `public.ecr.aws/lambda/nodejs:22`, without Node.js: its npm and its compiler are scripts. */
  async lambdaNode(): Promise<ContainerImage> {
    return ContainerImage.make(parts.directory('images', 'lambda-node'), async roots => {
      await system(roots, busybox);
      writeNodeTools(path.join(roots, 'usr/local/bin'));
      return [roots];
    }, { Env: [searchPath, 'LAMBDA_TASK_ROOT=/var/task'], WorkingDir: '/var/task', Entrypoint: ['/lambda-entrypoint.sh'] });
  },

  /** A Python without pip, for the last stage of a build. */
  async pythonSlim(): Promise<ContainerImage> {
    return ContainerImage.make(parts.directory('images', 'python-slim'), async roots => {
      await system(roots, [...busybox, ...python]);
      return [roots];
    }, { Env: [searchPath], Cmd: ['python3'] });
  },

  /** A Python in one layer, with whatever else is put beside it. The name says what that is: another one makes another image. */
  async filledPython(name: string, fill: (root: string) => void): Promise<ContainerImage> {
    return ContainerImage.make(parts.directory('images', name), async roots => {
      await system(roots, [...busybox, ...python]);
      fill(roots);
      return [roots];
    }, { Env: [searchPath], Cmd: ['python3'] });
  },

  /** Looks like `moby/buildkit`, and trusts the servers of this world only. */
  async buildKit(): Promise<ContainerImage> {
    return ContainerImage.make(freshDirectory('buildkit-image'), async roots => {
      const [programs, trust] = ['programs', 'trust'].map(name => path.join(roots, name));
      await system(programs, [...busybox, ...buildKit]);
      for (const program of ['buildkitd', 'buildctl']) fs.copyFileSync(path.join(parts.bin, program), path.join(programs, 'usr/bin', program));
      fs.mkdirSync(path.join(trust, 'etc/ssl/certs'), { recursive: true });
      fs.copyFileSync(worldDirectory('authority.pem'), path.join(trust, 'etc/ssl/certs/ca-certificates.crt'));
      return [programs, trust];
    }, { Env: [searchPath], Entrypoint: ['buildkitd'], Volumes: { '/var/lib/buildkit': {} } });
  },

  /** The smallest that has a shell. */
  async busybox(): Promise<ContainerImage> {
    return ContainerImage.make(parts.directory('images', 'busybox'), async roots => {
      await system(roots, busybox);
      return [roots];
    }, { Env: [searchPath], Cmd: ['sh'] });
  },

  /** Another one for each revision. */
  async renewedBusybox(revision: string): Promise<ContainerImage> {
    return ContainerImage.make(freshDirectory('renewed-busybox'), async roots => {
      const layers = ['system', 'revision'].map(name => path.join(roots, name));
      await system(layers[0], busybox);
      fs.mkdirSync(path.join(layers[1], 'etc'), { recursive: true });
      fs.writeFileSync(path.join(layers[1], 'etc/revision'), `${revision}\n`);
      return layers;
    }, { Env: [searchPath], Cmd: ['sh'] });
  },
};

/** The image of BuildKit as builds name it here. That of Docker Hub has the digest that the library pins, and this world's another one. */
export const playedBuildkitImage = 'moby/buildkit:v0.32.2';

/** Gets the packages all of them are made of. */
export async function prepareBaseImages(say: (line: string) => void): Promise<void> {
  const debian = new DebianPackages(suite);
  await debian.download([...busybox, ...buildKit, ...python, ...pip], () => say('downloading Debian packages for the base images'));
}

/** Puts the usual ones where builds look for them. */
export async function publishBaseImages(registry: Registry, options: LambdaPythonOptions = {}): Promise<void> {
  const lambda = await baseImages.lambdaPython(options);
  const slim = await baseImages.pythonSlim();
  const box = await baseImages.busybox();
  await lambda.publish(registry, 'public.ecr.aws/lambda/python:3.11');
  for (const host of ['public.ecr.aws/docker', 'docker.io']) {
    await slim.publish(registry, `${host}/library/python:3.11-slim`);
    await box.publish(registry, `${host}/library/busybox:stable`);
  }
}

async function system(root: string, packages: string[]) {
  // merged directories, as Debian has them: packages of today put files on both sides
  for (const directory of ['bin', 'sbin', 'lib', 'lib64']) {
    fs.mkdirSync(path.join(root, 'usr', directory), { recursive: true });
  }
  const unpacked = `${root}.unpacked`;
  await new DebianPackages(suite).unpack(packages, unpacked);
  await execute('cp', ['--archive', `${unpacked}/.`, root]);
  fs.rmSync(unpacked, { recursive: true });
  for (const directory of ['bin', 'sbin', 'lib', 'lib64']) {
    const outer = path.join(root, directory);
    if (fs.existsSync(outer)) {
      await execute('cp', ['--archive', `${outer}/.`, path.join(root, 'usr', directory)]);
      fs.rmSync(outer, { recursive: true });
    }
    fs.symlinkSync(`usr/${directory}`, outer);
  }
  for (const useless of ['usr/share/doc', 'usr/share/man', 'usr/share/lintian']) {
    fs.rmSync(path.join(root, useless), { recursive: true, force: true });
  }
  for (const directory of ['tmp', 'root', 'proc', 'sys', 'dev', 'etc', 'var/task']) fs.mkdirSync(path.join(root, directory), { recursive: true });
  fs.chmodSync(path.join(root, 'tmp'), 0o1777);
  fs.writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  fs.writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');

  const applets = await execute('busybox', ['--list']);
  for (const applet of applets.trim().split('\n')) {
    const link = path.join(root, 'usr/bin', applet);
    if (!fs.existsSync(link)) fs.symlinkSync('busybox', link);
  }
  const python3 = path.join(root, 'usr/bin/python');
  if (packages.includes('python3') && !fs.existsSync(python3)) fs.symlinkSync('python3', python3);
}
