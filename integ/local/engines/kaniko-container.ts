import * as fs from 'fs';
import * as path from 'path';
import { BuildContainer } from '../machine/code-build';
import { removeTree } from '../machine/leftovers';
import { parts } from '../parts/parts';
import { findProgram } from '../parts/system-programs';
import { freshDirectory, worldDirectory } from '../world/directories';
import { execute } from '../world/execute';

const runc = findProgram('runc', ['/usr/sbin', '/sbin']) ?? 'runc';

/** What a container of Docker may do that is not privileged. */
const capabilities = [
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'NET_RAW', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID',
  'SYS_CHROOT',
].map(name => `CAP_${name}`);

/** What the build image has besides busybox, as the packages that the build installs would give it. */
const tools = ['bash', 'curl', 'find', 'jq', 'node', 'xargs'];

/** A container such as CodeBuild runs an unprivileged build in: files, processes and mounts of its own, the network of the world. */
export class KanikoContainer implements BuildContainer {
  /** What the image of kaniko sets, and what lets Node.js trust the world. */
  public static readonly environment = {
    DOCKER_CONFIG: '/kaniko/.docker/', SSL_CERT_DIR: '/kaniko/ssl/certs', NODE_EXTRA_CA_CERTS: '/kaniko/ssl/certs/ca-certificates.crt',
  };

  private readonly bundle = freshDirectory('kaniko');
  private readonly root = path.join(this.bundle, 'rootfs');
  private readonly name = path.basename(this.bundle);
  private home = '';
  private before: readonly string[] = [];
  private after: readonly string[] = [];

  /** @param hide tools that the build image lacks */
  public constructor(private readonly hide: readonly string[] = []) {}

  public async start(home: string, shared: string): Promise<void> {
    await this.makeImage();
    // Not mounted, as everything of the build might be: kaniko has to be told to leave it alone.
    fs.mkdirSync(path.join(this.root, home), { recursive: true });
    this.home = path.relative('/', home);
    this.before = this.files;
    await execute('cp', ['--archive', `${home}/.`, path.join(this.root, home)]);
    fs.writeFileSync(path.join(this.bundle, 'config.json'), JSON.stringify(this.configuration(shared)));
    // Its output goes nowhere: whoever reads it would wait for the container.
    await execute('bash', ['-c', '"$@" </dev/null >/dev/null 2>&1', 'run', runc, ...this.state, 'run', '--detach', '--bundle', this.bundle, this.name]);
  }

  public command(program: readonly string[], cwd: string, marker: string): string[] {
    return [runc, ...this.state, 'exec', '--cwd', cwd, '--env', marker, this.name, ...program];
  }

  /** What became of the files of the build image in a build. */
  public get changes(): { readonly lost: string[]; readonly new: string[] } {
    return { lost: this.before.filter(file => !this.after.includes(file)), new: this.after.filter(file => !this.before.includes(file)) };
  }

  public async stop(): Promise<void> {
    this.after = this.files;
    await execute(runc, [...this.state, 'delete', '--force', this.name]);
  }

  public async wipe(): Promise<void> {
    await removeTree(this.bundle);
  }

  /** Those of the build image: what the build itself works on may lie anywhere, as this project may. */
  private get files(): string[] {
    const own = fs.readdirSync(this.root).filter(name => !['dev', 'proc', 'sys', 'tmp', 'kaniko'].includes(name));
    return own.flatMap(name => list(this.root, name)).filter(file => !file.startsWith(this.home)).sort();
  }

  private get state(): string[] {
    return ['--root', path.join(this.bundle, 'state'), '--log', path.join(this.bundle, 'runc.log')];
  }

  private async makeImage(): Promise<void> {
    for (const directory of ['usr/bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root', 'kaniko/.docker', 'kaniko/ssl/certs', 'etc/ssl/certs']) {
      fs.mkdirSync(path.join(this.root, directory), { recursive: true });
    }
    fs.symlinkSync('usr/bin', path.join(this.root, 'bin'));
    fs.chmodSync(path.join(this.root, 'tmp'), 0o1777);
    fs.copyFileSync(findProgram('busybox')!, path.join(this.root, 'usr/bin/busybox'));
    for (const tool of tools.filter(name => !this.hide.includes(name))) await this.copyProgram(tool);
    for (const applet of (await execute('busybox', ['--list'])).trim().split('\n')) {
      const link = path.join(this.root, 'usr/bin', applet);
      if (!fs.existsSync(link)) fs.symlinkSync('busybox', link);
    }
    fs.copyFileSync(path.join(parts.bin, 'docker-credential-ecr-login'), path.join(this.root, 'usr/bin/docker-credential-ecr-login'));
    fs.copyFileSync(parts.kaniko!, path.join(this.root, 'kaniko/executor'));
    for (const file of ['kaniko/ssl/certs/ca-certificates.crt', 'etc/ssl/certs/ca-certificates.crt']) {
      fs.copyFileSync(worldDirectory('authority.pem'), path.join(this.root, file));
    }
    fs.writeFileSync(path.join(this.root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    fs.writeFileSync(path.join(this.root, 'etc/group'), 'root:x:0:\n');
    for (const file of ['.dockerenv', 'etc/hosts', 'etc/resolv.conf', 'usr/bin/of-the-build-image']) fs.writeFileSync(path.join(this.root, file), '');
  }

  /** Copies a program of this machine, or the Node.js of the builds, with the libraries that it loads. */
  private async copyProgram(name: string): Promise<void> {
    const program = name === 'node' ? path.join(parts.node, name) : findProgram(name)!;
    const libraries = (await execute('ldd', [program])).match(/\/\S+/g) ?? [];
    for (const file of [fs.realpathSync(program), ...libraries]) {
      const place = path.join(this.root, file === fs.realpathSync(program) ? `usr/bin/${name}` : file);
      fs.mkdirSync(path.dirname(place), { recursive: true });
      fs.copyFileSync(file, place);
    }
  }

  private configuration(shared: string): object {
    const bind = (source: string, destination = source) => ({ destination, type: 'bind', source, options: ['rbind', 'rw'] });
    const may = { bounding: capabilities, effective: capabilities, permitted: capabilities };
    return {
      ociVersion: '1.0.2',
      process: {
        user: { uid: 0, gid: 0 }, args: ['sleep', '86400'], cwd: '/', env: ['PATH=/usr/bin:/bin'], capabilities: may, terminal: false,
      },
      root: { path: 'rootfs', readonly: false },
      hostname: 'build',
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
        { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },
        { destination: '/sys', type: 'bind', source: '/sys', options: ['rbind', 'ro'] },
        bind('/etc/hosts'),
        bind('/dev/null', '/etc/resolv.conf'),
        bind(shared),
      ],
      linux: {
        namespaces: ['pid', 'mount', 'uts', 'ipc'].map(type => ({ type })),
        maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'],
        readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
      },
    };
  }
}

/** A directory and all paths below it, with their sizes or the targets of links. */
function list(root: string, directory: string): string[] {
  const top = path.join(root, directory);
  if (!fs.lstatSync(top).isDirectory()) return [directory];
  return fs.readdirSync(top, { recursive: true, withFileTypes: true }).map(entry => {
    const file = path.join(entry.parentPath, entry.name);
    const content = entry.isSymbolicLink() ? ` -> ${fs.readlinkSync(file)}` : entry.isFile() ? ` ${fs.statSync(file).size}` : '';
    return `${path.relative(root, file)}${content} ${(fs.lstatSync(file).mode % 0o10000).toString(8)}`;
  });
}
