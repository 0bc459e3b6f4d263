import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { AssetBuild } from './asset-build';

/** A login that the publishing has made. */
export interface AssetLogin {
  readonly username: string;
  readonly password: string;
}

/** What one call of this program leaves for the next: each command of `cdk-assets` is a process of its own. Nobody else can read it. */
export class AssetStore {
  constructor(private readonly directory: string) {}

  /** A build that was asked for; it is done when its image is pushed. */
  public addBuild(build: AssetBuild): void {
    this.write('build', build.name, build);
  }

  public build(name: string): AssetBuild | undefined {
    return this.read<AssetBuild>('build', name);
  }

  /** From now on the image is with `docker` itself. */
  public forgetBuild(name: string): void {
    fs.rmSync(this.file('build', name), { force: true });
  }

  /** Gives the image of a build, or one that is called so already, another name. */
  public addTag(name: string, tag: string): void {
    this.write('tag', tag, { tag, name: this.buildNameOf(name) });
  }

  /** The build of the image with a name. */
  public buildOf(name: string): AssetBuild | undefined {
    return this.build(this.buildNameOf(name));
  }

  /** Names of images that were given to those of builds, and end so. */
  public tagsThatEnd(end: string): string[] {
    const tags = fs.readdirSync(this.directory).filter((file) => file.startsWith('tag-')).map((file) => this.readFile<{ tag: string }>(file)!.tag);
    return tags.filter((tag) => tag.endsWith(end) && this.buildOf(tag)).sort();
  }

  public addLogin(host: string, login: AssetLogin): void {
    this.write('login', host, login);
  }

  public login(host: string): AssetLogin | undefined {
    return this.read<AssetLogin>('login', host);
  }

  private buildNameOf(name: string): string {
    return this.read<{ name: string }>('tag', name)?.name ?? name;
  }

  private write(kind: string, key: string, content: object): void {
    fs.writeFileSync(this.file(kind, key), JSON.stringify(content), { mode: 0o600 });
  }

  private read<T>(kind: string, key: string): T | undefined {
    return this.readFile<T>(path.basename(this.file(kind, key)));
  }

  private readFile<T>(name: string): T | undefined {
    const file = path.join(this.directory, name);
    return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) as T : undefined;
  }

  /** Whatever it is called, it becomes the name of a file in the directory. */
  private file(kind: string, key: string): string {
    return path.join(this.directory, `${kind}-${createHash('sha256').update(key).digest('hex')}.json`);
  }
}
