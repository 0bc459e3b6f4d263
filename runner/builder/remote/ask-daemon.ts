import * as tls from 'tls';
import { Certificates, keyMismatch } from './certificates';

/** How long a daemon may take to answer, in milliseconds. */
const PATIENCE = 10_000;

/** What is wrong, by the code of the error or its text. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN|EAI_FAIL|EAI_NODATA)\b/, 'its name is not known where the build runs'],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|ETIMEDOUT|ESILENT|EACCES|EPERM)\b/, 'it cannot be reached'],
  [/alert unknown ca|TLSV1_ALERT_UNKNOWN_CA/i, 'it does not trust the authority of the client certificate'],
  [/alert certificate expired/i, 'it takes the client certificate for expired'],
  [/alert .*certificate|ALERT_.*CERTIFICATE|alert access denied/i, 'it does not take the client certificate'],
  [/wrong version number|WRONG_VERSION_NUMBER|packet length too long|unknown protocol/i, 'it does not speak TLS'],
  [/^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_)/, 'its certificate is not one to trust'],
];

/**
 * What is wrong with a daemon, if TLS tells: of whatever it is, buildx says after 20 seconds that time is over. What it makes of anything else counts.
 *
 * @param endpoint as `tcp://<host>:<port>`
 */
export async function askDaemon(endpoint: string, certificates: Certificates, serverName?: string): Promise<string | undefined> {
  const mismatch = keyMismatch(certificates);
  if (mismatch) return `the client certificate cannot be used with its key (${mismatch})`;
  const { hostname, port } = new URL(endpoint.replace(/^tcp:/, 'http:'));
  const host = hostname.replace(/^\[|\]$/g, '');
  const name = serverName ?? host;
  const error = await connect({
    host,
    port: Number(port),
    ...certificates,
    // an address is no name that TLS can ask for, but it is checked like one
    .../^[\d.]+$|:/.test(name) ? {} : { servername: name },
    checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
    // With TLS 1.3 the reason could come after the connection has ended, and be lost.
    maxVersion: 'TLSv1.2',
    ALPNProtocols: ['h2'],
  });
  if (!error) return undefined;
  const text = error.message.replace(/\s+/g, ' ').trim();
  const meaning = MEANINGS.find(([pattern]) => pattern.test(error.code ?? '') || pattern.test(text))?.[1];
  return meaning && `${meaning} (${text})`;
}

async function connect(options: tls.ConnectionOptions): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const socket = tls.connect(options);
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error(`no answer from ${options.host} port ${options.port} within ${PATIENCE / 1000} seconds`), { code: 'ESILENT' }));
    }, PATIENCE);
    const end = (error?: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(error);
    };
    socket.on('secureConnect', () => end());
    socket.on('error', end);
  });
}
