/** What BuildKit says of something that it has done, as an event of its JSON progress. */
export function vertex(name: string, { cached = false, error = '', isDone = true }: { cached?: boolean; error?: string; isDone?: boolean } = {}): string {
  const digest = `sha256:${Buffer.from(name).toString('hex')}`;
  const [started, completed] = ['2026-11-20T22:06:07.0Z', '2026-11-20T22:06:08.0Z'];
  return `${JSON.stringify({ vertexes: [{ digest, name, started, ...isDone && { completed }, cached, ...error && { error } }] })}\n`;
}

/** A line of a step's output. */
export function output(text: string): string {
  return `${JSON.stringify({ logs: [{ vertex: 'sha256:0', stream: 1, data: Buffer.from(text).toString('base64') }] })}\n`;
}
