import { ServerResponse } from 'http';

/** An answer of a registry that says no, in the shape of the registry API. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: { readonly [name: string]: string };
}

export function answerRefusal(response: ServerResponse, refusal: Refusal): void {
  const body = JSON.stringify({ errors: [{ code: refusal.code, message: refusal.message }] }) + '\n';
  response.writeHead(refusal.status, {
    'Docker-Distribution-Api-Version': 'registry/2.0',
    'Content-Type': 'application/json; charset=utf-8',
    ...refusal.headers,
  });
  response.end(body);
}
