import { IncomingMessage, ServerResponse } from 'http';

/** Counts the bytes of both bodies as they pass, and tells them when the exchange is over, however it ended. */
export function countBytes(request: IncomingMessage, response: ServerResponse, done: (up: number, down: number) => void): void {
  let up = 0;
  let down = 0;
  request.on('data', (chunk: Buffer) => up += chunk.length);
  request.pause(); // counting must not start the flow before somebody takes it
  const { write, end } = response;
  const count = (chunk: unknown) => {
    if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) down += Buffer.byteLength(chunk);
  };
  response.write = ((chunk: unknown, ...rest: unknown[]) => {
    count(chunk);
    return (write as Function).call(response, chunk, ...rest);
  }) as typeof response.write;
  response.end = ((chunk: unknown, ...rest: unknown[]) => {
    count(chunk);
    return (end as Function).call(response, chunk, ...rest);
  }) as typeof response.end;
  response.on('close', () => done(up, down));
}
