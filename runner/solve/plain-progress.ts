import { SolveProgress, Vertex } from './solve-progress';

/** An engine's progress as text, where every client has it. A line begins with the number of its vertex; the first one names it. */
export class PlainProgress implements SolveProgress {
  public readonly loadsBetweenSteps = true;
  public lastError = '';
  public events = 0;
  private readonly moved = new Map<string, string>();
  private readonly known = new Map<string, Vertex>();

  public get vertexes(): Iterable<Vertex> {
    return this.known.values();
  }

  public show(line: string): string[] {
    if (/^(ERROR|failed to solve)/i.test(line)) this.lastError = line; // the latter in Docker 20.10
    const [, number, text] = /^#(\d+) (.*)$/s.exec(line) ?? [];
    const [, layer, had, all] = /^(sha256:[0-9a-f]+) (\d[\w.]*) \/ (\d[\w.]*)/.exec(text ?? '') ?? [];
    if (layer === undefined || this.moved.get(layer) !== had) this.events++;
    if (layer !== undefined) this.moved.set(layer, had);
    if (number === undefined) return [line];
    const vertex = this.known.get(number);
    if (!vertex) {
      this.known.set(number, { name: text, isStarted: true, isDone: false, isCached: false, error: '', transfers: new Set() });
      return [line];
    }
    // A cached step may be unpacked, which tells it too.
    if (/^(CACHED$|pulling |extracting |sha256:[0-9a-f]+ )/.test(text)) vertex.isCached = true;
    const [, error] = /^ERROR: (.*)$/s.exec(text) ?? [];
    if (error !== undefined) vertex.error = error;
    if (/^CANCELED\b/.test(text)) vertex.error = 'context canceled'; // as the JSON has it
    if (/^DONE\b/.test(text)) vertex.hasRun = true;
    if (/^(CACHED$|DONE\b|ERROR\b|CANCELED\b)/.test(text)) {
      vertex.isDone = true;
      vertex.transfers.clear();
    }
    if (layer !== undefined && !vertex.isDone) {
      if (had === all) vertex.transfers.delete(layer);
      else vertex.transfers.add(layer);
    }
    return [line];
  }
}
