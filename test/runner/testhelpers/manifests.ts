import { createHash } from 'crypto';
import { Manifest } from '../../../runner/registry/registry-client';

export const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';

/** A manifest as a registry has it, with spaces that no program would put there again. */
export function manifest(values: object = {}, type = OCI_IMAGE): Manifest {
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: 'sha256:0', size: 1 }];
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE, config: {}, layers, ...values }, undefined, 7));
  return { digest: `sha256:${createHash('sha256').update(body).digest('hex')}`, type, body };
}
