import { createPrivateKey, X509Certificate } from 'crypto';
import { REMOTE_VARIABLES } from '../../../lib/plan/step-settings';
import { Failure, reasonOf } from '../../report/failure';

/** What the build and a daemon know each other by, in PEM format. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Before how many milliseconds the end of a certificate is warned of. */
const NOTICE = 14 * 24 * 60 * 60 * 1000;

/** Reads the certificates of `DockerBuilder.remote()` from the environment. Fails when one is missing, or is none. */
export function readCertificates(env: NodeJS.ProcessEnv): Certificates {
  const secret = 'the secret of DockerBuilder.remote()';
  return {
    ca: pem(env[REMOTE_VARIABLES.ca], 'CERTIFICATE')
      ?? fail(`${secret} has no authority in its field for it (caField): put the certificate of the authority there, in PEM format`),
    cert: pem(env[REMOTE_VARIABLES.cert], 'CERTIFICATE')
      ?? fail(`${secret} has no client certificate in its field for it (certField): put one there, in PEM format`),
    key: pem(env[REMOTE_VARIABLES.key], '(?:(?:RSA|EC) )?PRIVATE KEY')
      ?? fail(`${secret} has no private key in its field for it (keyField): put one without a password there, in PEM format`),
  };
}

/** Fails when the client certificate is of no use. Gives a warning when it soon is not. */
export function checkValidity({ cert }: Certificates, now = Date.now()): string | undefined {
  let validTo: string;
  try {
    validTo = new X509Certificate(cert).validTo;
  } catch (error) {
    throw new Failure(`the client certificate of DockerBuilder.remote() cannot be read: ${reasonOf(error)}`);
  }
  const end = Date.parse(validTo);
  if (end <= now) throw new Failure(`the client certificate of DockerBuilder.remote() has expired, on ${validTo}: put a new one and its key into the secret`);
  return end - now < NOTICE
    ? `the client certificate of DockerBuilder.remote() expires on ${validTo}, and builds fail from then on: put a new one and its key into the secret`
    : undefined;
}

/** Why the key is not that of the certificate, if it is not. */
export function keyMismatch({ cert, key }: Certificates): string | undefined {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? undefined : 'key values mismatch';
  } catch (error) {
    return reasonOf(error);
  }
}

/** The line ends of a text that went through a form or a shell may be spaces, or a backslash and an n. */
function pem(text: string | undefined, kind: string): string | undefined {
  const lines = (text ?? '').replace(/\\n|\r/g, '\n').split(/(-----(?:BEGIN|END) [A-Z0-9 ]+-----)/)
    .flatMap((part) => (part.startsWith('-----') ? [part] : part.split(/\s+/)))
    .filter((line) => line !== '');
  return lines.some((line) => new RegExp(`^-----BEGIN ${kind}-----$`).test(line)) ? `${lines.join('\n')}\n` : undefined;
}

function fail(message: string): never {
  throw new Failure(message);
}
