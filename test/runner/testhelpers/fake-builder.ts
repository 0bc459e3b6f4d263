import * as fs from 'fs';
import { posix } from 'path';
import { Readable } from 'stream';
import { keepImage, made, none } from './keep-image';
import { archiveOf, Layer, layerOf, layoutOf, TarEntry, tarOf } from './layers';
import { MemoryRegistry } from './memory-registry';
import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../../lib/dockerfile/dockerfile-instruction';
import { BuildWatch, BuiltImage, ImageArchives, RunningBuilder } from '../../../runner/builder/builder';
import { ImageJob } from '../../../runner/image/image-job';
import { HistoryEntry } from '../../../runner/layers/image-content';
import { Failure } from '../../../runner/report/failure';
import { Step } from '../../../runner/solve/solve-progress';

/** A builder that makes what BuildKit makes of simple Dockerfiles: one stage, and copies of the files that it is told of. */
export class FakeBuilder implements RunningBuilder, ImageArchives {
  public readonly description = 'a builder';
  /** What is in the layers below the copies. */
  public base: Layer[] = [];
  /** The files that can be copied: a directory by its files, or a file by its content. */
  public readonly sources: { [name: string]: string | readonly TarEntry[] } = { a: 'a' };
  /** What variables say. */
  public readonly variables: { [name: string]: string } = {};
  public workdir = '/';
  /** What `/etc/passwd` of the layers below says. */
  public passwd = '';
  /** The steps of the next builds. */
  public steps: Step[] = [{ name: '[1/2] RUN make', isCached: true }];
  /** What was done, such as `build linked`. */
  public readonly events: string[] = [];
  public readonly failures: { [event: string]: Error } = {};
  /** Called in the middle of a push. */
  public during?: () => Promise<void>;
  public tooEarly?: string;
  /** The Dockerfiles that were built. */
  public readonly dockerfiles: string[] = [];
  /** Makes the history of images another one. */
  public rewriteHistory?: (history: HistoryEntry[]) => HistoryEntry[];

  /** Those of the last image. */
  private layers: Layer[] = [];

  constructor(private readonly registry: MemoryRegistry) {}

  public get archives(): ImageArchives {
    return this;
  }

  public async build(job: ImageJob, watch?: BuildWatch): Promise<BuiltImage> {
    const text = fs.readFileSync(job.dockerfile, 'utf8');
    this.dockerfiles.push(text);
    this.note(`build ${/--link/.test(text) ? 'linked' : 'as written'}`);
    const { instructions } = Dockerfile.parse(text).stage(job.plan.target)!;
    const layers = [...this.base];
    const history: HistoryEntry[] = this.base.map(() => made('RUN make # buildkit'));
    let workdir = this.workdir;
    for (const instruction of instructions) {
      const { keyword, flags, words } = instruction;
      if (keyword === 'WORKDIR') workdir = posix.resolve(workdir, words[0]);
      if (keyword !== 'COPY' && keyword !== 'ADD') {
        if (keyword !== 'RUN') history.push(none(`${keyword} ${words.join(' ')}`));
        continue;
      }
      const expanded = words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2').replace(/\$\{?(\w+)\}?/g, (_, name: string) => this.variables[name] ?? ''));
      const shown = flags.filter(({ name }) => ['chown', 'chmod'].includes(name)).map(({ name, value }) => `--${name}=${value} `).join('');
      history.push(made(`${keyword} ${shown}${expanded.join(' ')} # buildkit`));
      layers.push(await layerOf(...this.copy(instruction, expanded, workdir)));
    }
    const { steps } = this;
    this.layers = layers;
    const { digest } = keepImage(this.registry, { layers, history: this.rewriteHistory?.(history) ?? history, workdir });
    watch?.onPush?.(steps, digest);
    await this.during?.();
    return { pushed: digest, steps, imports: [{ from: 'cache-a', error: '' }] };
  }

  public whyTooEarly(): string | undefined {
    return this.tooEarly;
  }

  public async read<T>(job: ImageJob, type: 'tar' | 'oci', reader: (archive: Readable) => Promise<T>): Promise<T> {
    const text = fs.readFileSync(job.dockerfile, 'utf8');
    const isAlone = type === 'oci' && /\nFROM scratch\n/.test(text);
    this.note(`read ${type}${isAlone ? ' of copies' : ''}`);
    if (isAlone) this.dockerfiles.push(text);
    if (type === 'oci') return reader(Readable.from([await archiveOf(...isAlone ? this.layers.slice(this.base.length) : this.layers)]));
    expect(text).toMatch(/FROM scratch\nCOPY --from=\d+ \/etc\/passw\[d\] \/etc\/grou\[p\] \/etc\/\n$/);
    return reader(Readable.from([await tarOf({ name: 'etc/' }, { name: 'etc/passwd', content: this.passwd })]));
  }

  public async unpack({ work }: ImageJob, known: ReadonlySet<string>): Promise<string> {
    this.note('unpack');
    return layoutOf(work.directory('layers'), this.layers.filter(({ digest }) => !known.has(digest)), known);
  }

  public async keepLayers(): Promise<string | undefined> {
    this.note('keep layers');
    return undefined;
  }

  public async stop(): Promise<void> {
    this.note('stop');
  }

  /** What the layer of a linked copy has. That of another copy has a mark. */
  private copy({ flags }: DockerfileInstruction, words: readonly string[], workdir: string): TarEntry[] {
    const flag = (wanted: string) => flags.find(({ name }) => name === wanted)?.value;
    const isLinked = flag('link') !== undefined && flag('chmod') === undefined;
    const owner = flag('chown')?.replace(/\$\{?(\w+)\}?/g, (_, name: string) => this.variables[name] ?? '').replace('root', '0') ?? '0:0';
    if (isLinked && /[a-z]/.test(owner)) throw new Failure('failed to solve: invalid user index: -1');
    const [uid, gid = uid] = /[a-z]/.test(owner) ? [7, 7] : owner.split(':').map(Number);
    const destination = words.at(-1)!;
    const at = posix.resolve('/', workdir, destination);
    const entries: TarEntry[] = words.slice(0, -1).flatMap((name) => {
      const source = this.sources[name];
      if (source === undefined) throw new Failure(`failed to solve: "/${name}": not found`);
      const isFolder = /(^|\/)\.?\.?$/.test(destination) || words.length > 2;
      return typeof source === 'string' ? [{ name: isFolder ? posix.join(at, name) : at, content: source }]
        : source.map((entry) => ({ ...entry, name: `${posix.join(at, entry.name)}` }));
    });
    const parents = new Set(entries.flatMap(({ name }) => {
      const parts = name.split('/').filter(Boolean).slice(0, -1);
      return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}/`);
    }));
    const named = new Set(entries.map(({ name }) => name));
    const folders = [...parents].filter((name) => !named.has(name)).map((name): TarEntry => ({ name }));
    return [...isLinked ? folders : [{ name: '/as-written' }], ...entries].map((entry) => ({ uid, gid, ...entry, name: entry.name.slice(1) }));
  }

  private note(event: string): void {
    this.events.push(event);
    const failure = this.failures[event];
    if (failure) throw failure;
  }
}
