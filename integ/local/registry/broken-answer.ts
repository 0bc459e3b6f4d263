import { IncomingMessage, ServerResponse } from 'http';
import { PassThrough, Transform } from 'stream';
import { setTimeout as pause } from 'timers/promises';
import { FaultEffect } from './faults';
import { answerRefusal } from './refusal';

/** @returns whether a fault has answered a request, or ended it, before anything was done */
export async function answerFault(effects: readonly FaultEffect[], request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  for (const effect of effects) {
    switch (effect.kind) {
      case 'drop':
        request.socket.destroy();
        return true;
      case 'lead':
        request.resume();
        response.writeHead(307, { Location: effect.to }).end();
        return true;
      case 'delay':
        await pause(effect.ms);
        break;
      case 'refuse':
        request.resume();
        answerRefusal(response, { status: effect.status, code: effect.code ?? 'DENIED', message: effect.message ?? 'a fault of the play' });
        return true;
      case 'answer':
        request.resume();
        response.writeHead(effect.status, { 'Content-Type': effect.type }).end(effect.body);
        return true;
    }
  }
  return false;
}

/** Passes an answer on, as far as the faults let it. */
export function brokenAnswer(effects: readonly FaultEffect[], response: ServerResponse): Transform {
  if (effects.some(({ kind }) => kind === 'garble')) return new Transform({ transform: (chunk: Buffer, _, done) => done(null, Buffer.alloc(chunk.length, 'x')) });
  const broken = effects.find(effect => effect.kind === 'cut' || effect.kind === 'stall');
  if (broken?.kind !== 'cut' && broken?.kind !== 'stall') return new PassThrough();
  let left = broken.after;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      this.push(chunk.subarray(0, left));
      left -= chunk.length;
      if (left > 0) return done();
      // what was passed on goes out before
      if (broken.kind === 'cut') setTimeout(() => response.socket?.destroy(), 50);
    },
  });
}
