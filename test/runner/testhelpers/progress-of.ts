import * as fs from 'fs';
import * as path from 'path';
import { RawJsonProgress } from '../../../runner/solve/rawjson-progress';
import { SolveProgress } from '../../../runner/solve/solve-progress';

/** Real output of BuildKit; see its README. */
export function fixture(name: string): string {
  return fs.readFileSync(path.join(__dirname, '..', 'solve', 'fixtures', name), 'utf8');
}

/** What a person sees of a whole output. */
export function show(progress: SolveProgress, text: string): string[] {
  return text.replace(/\n$/, '').split('\n').flatMap((line) => progress.show(line));
}

export interface VertexEvent {
  readonly name: string;
  readonly digest?: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

/** A progress to which BuildKit has said that vertexes are there, and then how they ended. */
export function progressOf(...vertexes: VertexEvent[]): RawJsonProgress {
  const progress = new RawJsonProgress();
  const times = { started: '2026-01-01T00:00:00.1Z', completed: '2026-01-01T00:00:01.2Z' };
  const all = vertexes.map((vertex) => ({ digest: `sha256:${vertex.name}`, ...vertex }));
  for (const { digest, name } of all) progress.show(JSON.stringify({ vertexes: [{ digest, name }] }));
  for (const vertex of all) progress.show(JSON.stringify({ vertexes: [{ ...times, ...vertex }] }));
  return progress;
}
