import { ReadyPlan } from '../input/read-plan';
import { Manifest } from '../registry/registry-client';
import { Failure } from '../report/failure';
import { Log } from '../report/log';

const IMAGES = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];

interface Content {
  readonly mediaType?: string;
  readonly layers?: unknown;
}

/** Fails when what is in the registry is no image that stages can deploy. */
export function checkImage({ runsOnLambda, tag }: ReadyPlan, repository: string, { type, body }: Manifest): void {
  const content = contentOf(repository, body);
  const mediaType = content.mediaType ?? type;
  if (!IMAGES.includes(mediaType)) {
    throw new Failure(`${repository} has an image index instead of an image (${mediaType}), which Lambda refuses.`
      + ` Build for one platform and without attestations, and delete the tag '${tag}' if it has it already`);
  }
  const layers = Array.isArray(content.layers) ? content.layers.map((layer: { mediaType?: unknown } | null) => String(layer?.mediaType)) : [];
  const foreign = layers.find((layer) => !/\.tar([.+]gzip)?$/.test(layer));
  if (runsOnLambda && foreign !== undefined) {
    throw new Failure(`the image has a layer of type ${foreign}, which Lambda refuses: it reads plain and gzip layers. It most likely comes from the base image`);
  }
}

/** Warns of layers that a base image has and that Lambda does not always take. @see https://github.com/bazel-contrib/rules_oci/issues/777 */
export function warnOfPlainLayers({ runsOnLambda }: ReadyPlan, repository: string, { body }: Manifest, log: Log): void {
  const { layers } = contentOf(repository, body);
  const plain = Array.isArray(layers) ? layers.filter((layer: { mediaType?: unknown } | null) => String(layer?.mediaType).endsWith('.tar')).length : 0;
  if (!runsOnLambda || plain === 0) return;
  log.warn(`the image has layers that are not compressed, ${plain} of them, as its base image has them. Lambda has refused such images;`
    + ' DockerBuilder.buildkit() compresses them');
}

function contentOf(repository: string, body: Buffer): Content {
  try {
    const content: unknown = JSON.parse(body.toString());
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
  } catch {
    // said below
  }
  throw new Failure(`${repository} answers with something else than a manifest: ${body.toString().slice(0, 200)}`);
}
