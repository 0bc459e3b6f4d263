import * as http from 'http';

/** Whether an engine answers at a socket. */
export async function ping(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = http.get({ socketPath, path: '/_ping', timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
  });
}
