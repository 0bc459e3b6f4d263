import { SolveProgress, Vertex, WorkSpan } from './solve-progress';
import { saysMissing } from '../cache/missing-cache';

interface Event {
  readonly vertexes?: readonly { digest?: string; name?: string; started?: string; completed?: string; cached?: boolean; error?: string }[];
  readonly statuses?: readonly { id?: string; vertex?: string; completed?: string; current?: number }[];
  readonly logs?: readonly { data?: string }[];
  readonly warnings?: readonly { short?: string }[];
}

/** What moves between machines; unpacking and compressing do not. Of the layers of a cache, whose bytes are not told, nobody knows how long they take. */
const TRANSFER = /^(sha256:[0-9a-f]{64}$|pushing |transferring |writing (config|manifest|cache (image )?manifest) )/;

/** A layer that is pulled, by its digest. */
const LAYER = /^sha256:[0-9a-f]{64}$/;

/** What says that an image is complete. */
const MANIFEST = /^exporting manifest (sha256:[0-9a-f]{64})$/;

/** A vertex, with what only the JSON says. */
class RawVertex implements Vertex {
  public isStarted = false;
  public startedAt?: string;
  public isDone = false;
  public isCached = false;
  public hasRun = false;
  public error = '';
  public readonly transfers = new Set<string>();
  public readonly pulled = new Map<string, number>();
  /** It is told several times of each. */
  public readonly spans = new Map<string, WorkSpan>();
  public number?: number;
  public shownEnd?: string;

  constructor(public readonly name: string) {}
}

/** BuildKit's progress as JSON, an event a line. Lines that are none, such as the last error, pass as they are. */
export class RawJsonProgress implements SolveProgress {
  public readonly loadsBetweenSteps = true;
  public lastError = '';
  public events = 0;
  private readonly moved = new Map<string, number>();
  private readonly known = new Map<string, RawVertex>();
  private numbers = 0;

  /** @param onManifest is told the digest of an image that is complete, and about to be pushed */
  constructor(private readonly onManifest: (digest: string) => void = () => undefined) {}

  public get vertexes(): Iterable<Vertex> {
    return this.known.values();
  }

  public show(line: string): string[] {
    const event = eventOf(line);
    if (!event) {
      this.events++;
      if (line.startsWith('ERROR')) this.lastError = line;
      return [line];
    }
    const lines: string[] = [];
    if (!event.statuses || event.vertexes || event.logs) this.events++;
    for (const change of objects(event.vertexes)) lines.push(...this.take(change));
    for (const { id, vertex, completed, current = 0 } of objects(event.statuses)) {
      if (typeof id !== 'string') continue;
      const key = `${vertex} ${id}`;
      if (completed || this.moved.get(key) !== current) this.events++;
      this.moved.set(key, current);
      if (LAYER.test(id) && Number.isFinite(current)) this.known.get(vertex ?? '')?.pulled.set(id, current);
      const [, manifest] = (completed && MANIFEST.exec(id)) || [];
      if (manifest !== undefined) this.onManifest(manifest);
      if (!TRANSFER.test(id)) continue;
      const transfers = this.known.get(vertex ?? '')?.transfers;
      if (completed) transfers?.delete(id);
      else transfers?.add(id);
    }
    for (const { data } of objects(event.logs)) {
      if (typeof data === 'string') lines.push(...Buffer.from(data, 'base64').toString().replace(/\n$/, '').split('\n'));
    }
    // such as a base image for another processor
    for (const { short } of objects(event.warnings)) {
      if (typeof short === 'string') lines.push(`WARNING: ${Buffer.from(short, 'base64').toString()}`);
    }
    return lines;
  }

  private take({ digest, name, started, completed, cached, error }: NonNullable<Event['vertexes']>[number]): string[] {
    if (typeof digest !== 'string' || typeof name !== 'string') return [];
    const vertex = this.known.get(digest) ?? new RawVertex(name);
    this.known.set(digest, vertex);
    const milliseconds = between(started, completed);
    if (started && Number.isFinite(milliseconds)) vertex.spans.set(started, { start: Date.parse(started), milliseconds });
    vertex.isStarted ||= Boolean(started);
    // It may begin again, also after an error, and it may be named again without anything new.
    if (started && started !== vertex.startedAt) [vertex.startedAt, vertex.error] = [started, ''];
    if (completed) vertex.isDone = true;
    else if (started) vertex.isDone = false;
    vertex.isCached ||= cached === true;
    if (typeof error === 'string' && error !== '') vertex.error = error;
    vertex.hasRun ||= Boolean(started && completed) && vertex.error === '';
    if (vertex.isDone) vertex.transfers.clear();

    const lines: string[] = [];
    if (vertex.number === undefined && (started || completed)) {
      vertex.number = ++this.numbers;
      lines.push(`#${vertex.number} ${vertex.name}`);
    }
    // A push can fail after the export around it has ended.
    if (completed && vertex.shownEnd !== vertex.error) {
      vertex.shownEnd = vertex.error;
      lines.push(`#${vertex.number} ${endOf(vertex) ?? `DONE${duration(started, completed)}`}`);
    }
    return lines;
  }
}

/** That there is no cache yet is no error, though BuildKit says it like one. */
function endOf({ name, error, isCached }: Vertex): string | undefined {
  if (name.startsWith('importing cache manifest') && saysMissing(error)) return 'DONE, there is none yet';
  return error ? `ERROR: ${error}` : isCached ? 'CACHED' : undefined;
}

function eventOf(line: string): Event | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Event;
  } catch {
    return undefined;
  }
}

function objects<T extends object>(list: readonly T[] | undefined): readonly T[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === 'object' && item !== null) : [];
}

/** In milliseconds, to the nanosecond, by which the same work is known again. */
function between(started = '', completed = ''): number {
  const [from, to] = [started, completed].map((time) => Number(/\.\d{3}(\d{1,6})/.exec(time)?.[1].padEnd(6, '0') ?? 0));
  return Math.round((Date.parse(completed) - Date.parse(started)) * 1e6 + to - from) / 1e6;
}

function duration(started: string | undefined, completed: string): string {
  const seconds = between(started, completed) / 1000;
  return Number.isFinite(seconds) ? ` ${Math.round(seconds * 10) / 10}s` : '';
}
