import { createHash } from 'crypto';
import { ReadyPlan } from '../input/read-plan';
import { Manifest } from '../registry/registry-client';

const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const PERIOD = 'cdk-cached-docker-build.refresh-period';

/**
 * An image that is built anew in each period gets a manifest of its own in each, also when the same files came out. What a lifecycle rule of Amazon ECR counts from is
 * when a manifest was pushed first, so only then is an image that is in use never older than a period. Other manifests have no place for it.
 */
export function refreshed({ refreshPeriod }: ReadyPlan, manifest: Manifest): Manifest {
  if (refreshPeriod === undefined || manifest.type.split(';')[0].trim() !== OCI_IMAGE) return manifest;
  const content = JSON.parse(manifest.body.toString()) as { annotations?: object };
  const body = Buffer.from(JSON.stringify({ ...content, annotations: { ...content.annotations, [PERIOD]: String(refreshPeriod) } }));
  return { type: manifest.type, body, digest: `sha256:${createHash('sha256').update(body).digest('hex')}` };
}
