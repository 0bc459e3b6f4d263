import * as fs from 'fs';
import * as path from 'path';
import { parts } from './parts';
import { execute } from '../world/execute';

/**
 * Packages of one Debian suite, downloaded by apt with directories and sources of its own: the system's apt is not
 * touched, nothing is installed, and signatures are checked with the system's Debian keyring.
 *
 * Downloads need the network, so they happen before the isolation (see `prepare`); what is there is used inside.
 */
export class DebianPackages {
  private readonly directory: string;
  private readonly debs: string;
  private updated?: Promise<void>;

  public constructor(private readonly suite: string) {
    this.directory = parts.directory('debian', suite);
    this.debs = path.join(this.directory, 'debs');
  }

  /** Unpacks packages, without running their scripts, into a directory. */
  public async unpack(packages: readonly string[], into: string): Promise<void> {
    fs.mkdirSync(into, { recursive: true });
    for (const deb of await this.download(packages)) {
      await execute('dpkg-deb', ['--extract', deb, into]);
    }
  }

  /** @returns the files; those that are there already are not downloaded again */
  public async download(names: readonly string[], before = () => {}): Promise<string[]> {
    const packages = [...new Set(names)];
    // asked from elsewhere, because apt does not mention what lies in the directory already
    const uris = await this.apt('/', 'apt-get', 'download', '--print-uris', ...packages);
    const files = [...uris.matchAll(/^'[^']+' (\S+)/gm)].map(match => path.join(this.debs, match[1]));
    if (files.length !== packages.length) throw new Error(`asked apt for ${packages.join(' ')}, got ${files.join(' ')}`);
    if (files.some(file => !fs.existsSync(file))) {
      before();
      await this.apt(this.debs, 'apt-get', 'download', ...packages);
    }
    return files;
  }

  private async apt(directory: string, program: string, ...args: string[]): Promise<string> {
    await (this.updated ??= this.update());
    return this.run(directory, program, ...args);
  }

  private async run(directory: string, program: string, ...args: string[]): Promise<string> {
    return execute(program, args, { cwd: directory, env: { ...process.env, APT_CONFIG: path.join(this.directory, 'apt.conf') } });
  }

  /** Reads the suite's package lists, once for all runs. */
  private async update(): Promise<void> {
    const state = path.join(this.directory, 'state');
    if (fs.existsSync(path.join(this.directory, 'updated'))) return;
    for (const needed of ['lists/partial', 'cache/archives/partial']) fs.mkdirSync(path.join(state, needed), { recursive: true });
    fs.mkdirSync(this.debs, { recursive: true });
    const sources = path.join(this.directory, 'sources.list');
    const status = path.join(state, 'status');
    fs.writeFileSync(status, '');
    fs.writeFileSync(sources, `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${await mirror()} ${this.suite} main\n`);
    fs.writeFileSync(path.join(this.directory, 'apt.conf'), [
      ['Dir::State', state],
      ['Dir::State::status', status],
      ['Dir::Cache', path.join(state, 'cache')],
      ['Dir::Etc::sourcelist', sources],
      ['Dir::Etc::sourceparts', '-'],
      ['Acquire::Languages', 'none'],
      ['Acquire::Check-Valid-Until', 'false'], // a mirror may be weeks behind
      ['APT::Sandbox::User', 'root'], // its own user may not be able to write into a checkout
    ].map(([option, value]) => `${option} "${value}";\n`).join(''));
    await this.run('/', 'apt-get', 'update', '-o', 'APT::Update::Error-Mode=any'); // without it, a list that is missing is a warning
    fs.writeFileSync(path.join(this.directory, 'updated'), '');
  }
}

/** Where this machine gets its Debian from. */
async function mirror(): Promise<string> {
  const targets = await execute('apt-get', ['indextargets', '--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages']);
  const debian = targets.split('\n').map(line => line.split(' ')).find(([origin, uri]) => origin === 'Debian' && !uri.includes('security'));
  if (!debian) throw new Error('apt knows no Debian archive: run integ/local/parts/install-debian.sh (or apt-get update) first');
  return debian[1];
}
