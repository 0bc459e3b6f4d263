import { BuildMachine, fixture } from './build-machine';

export const DIGEST = `sha256:${'1'.repeat(64)}`;

/** The cache that most builds have. */
export const CACHE = { CACHE_LOCATION: 'type=registry,ref=host/app:', CACHE_TAG: 'cache-a', CACHE_EXPORT: 'mode=max' };

export const IMPORT = 'importing cache manifest from host/app:cache-a';

/** A machine after a build with everything. */
export function machineAfterBuild(): BuildMachine {
  return new BuildMachine(CACHE).remember({
    'tag': 'v1',
    'digest': DIGEST,
    'result': 'built',
    'builder.description': 'a container of moby/buildkit:v1',
    'build.progress': fixture('source-change.rawjson'),
    'phases': 'login 1234567\nlookup 49999\nbuilder 50000\nbuild 61000000\npublish 0\ncache export 500000\n',
    'started': `${(Date.now() - 65_000) * 1000}`,
  });
}

/** The lines of the report by their first column. */
export async function reportOf(machine: BuildMachine, environment: { [name: string]: string } = {}): Promise<{ [line: string]: string }> {
  const { code, stdout, stderr } = await machine.run('report.sh', environment);
  expect([code, stderr.replace(/^WARNING: .*/s, '')]).toEqual([0, '']);
  const [empty, title, ...lines] = stdout.trimEnd().split('\n');
  expect([empty, title]).toEqual(['', '--- cached docker build ---']);
  return Object.fromEntries(lines.map((line) => [line.slice(0, 14).trimEnd(), line.slice(14)]));
}

export interface Vertex {
  readonly name: string;
  readonly digest?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

/** What BuildKit says of vertexes: that they are there, and then how they ended. */
export function progressOf(...vertexes: Vertex[]): string {
  const times = { started: '2026-01-01T00:00:00.1Z', completed: '2026-01-01T00:00:01.2Z' };
  const all = vertexes.map((vertex) => ({ digest: vertex.digest ?? `sha256:${vertex.name}`, ...vertex }));
  return [
    ...all.map(({ digest, name }) => ({ vertexes: [{ digest, name }] })),
    ...all.map((vertex) => ({ vertexes: [{ ...vertex, ...times }] })),
  ].map((event) => `${JSON.stringify(event)}\n`).join('');
}
