import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { BoundBuilder } from './bound-builder';
import { Processor } from './build-machine';
import { BuilderRequest } from './builder-check';
import { checkKanikoCache, defaultKanikoCache } from './kaniko-cache';
import { checkKanikoDockerfile } from './kaniko-dockerfile';
import { KanikoOptions } from './kaniko-options';
import { boundMirrors } from '../registry/bound-mirrors';
import { RegistryMirror } from '../registry/registry-mirror';

/** The maintained fork of kaniko, in the version that this library is tested with; the image has a shell, which CodeBuild needs, and can get what the runner needs. */
const KANIKO_IMAGE = 'ghcr.io/osscontainertools/kaniko:v1.28.3-alpine';

/** What the runner needs and the image does not have. */
const PACKAGES = ['docker-credential-ecr-login', 'nodejs'];

/** kaniko, which runs the steps in the container of the build itself. */
export function kanikoBuilder(caller: string, options: KanikoOptions): BoundBuilder {
  const mirrors = boundMirrors(caller, options);
  checkEndpoints(caller, options.mirrors ?? []);
  return {
    check: (request) => {
      checkBuildImage(request);
      checkSecrets(request);
      checkContexts(request);
      checkKanikoCache(request);
      checkKanikoDockerfile(request);
    },
    defaultCache: defaultKanikoCache,
    layerCaches: ['LayerCache.registry()', 'LayerCache.none()'],
    settings: { kind: 'kaniko', ...mirrors.settings },
    registries: mirrors.access,
    prepare: [INSTALL_TOOLS, HIDE_TEMPORARY_FILES],
    onlyPushes: true,
    privileged: false,
    buildImage,
  };
}

/** Raises an error for an endpoint that kaniko would pass by without a word: it takes the first part of such a path for the registry. */
function checkEndpoints(caller: string, mirrors: RegistryMirror[]): void {
  for (const { upstream, endpoint } of mirrors) {
    const [, first] = endpoint.split('/');
    if (first !== undefined && /\.|^localhost$/.test(first)) {
      throw new Error(`${caller}: the mirror ${endpoint} of ${upstream} has a path that begins with ${JSON.stringify(first)}, which kaniko would take for a registry and pull from instead; use a path that begins without a dot`);
    }
  }
}

function buildImage(processor: Processor): codebuild.IBuildImage {
  return processor === 'ARM' ? codebuild.LinuxArmBuildImage.fromDockerRegistry(KANIKO_IMAGE) : codebuild.LinuxBuildImage.fromDockerRegistry(KANIKO_IMAGE);
}

/** Raises an error for an image of CodeBuild's own: none of them has kaniko. */
function checkBuildImage({ step, buildImage: given }: BuilderRequest): void {
  if (given?.imageId.startsWith('aws/codebuild/')) {
    throw new Error(`'${step}': buildImage must be made from kaniko's image, see docs/kaniko.md, got ${given.imageId}; leave it out for ${KANIKO_IMAGE}`);
  }
}

/** Raises an error for secrets, which every step could read. */
function checkSecrets({ step, builder, image: { node, _secrets, _sshKey } }: BuilderRequest): void {
  const given = Object.keys(_secrets).length > 0 ? 'buildSecrets' : _sshKey && 'buildSshKey';
  if (given) {
    throw new Error(`'${step}': ${builder} cannot keep ${given} of '${node.path}' from the other steps of its Dockerfile; use DockerBuilder.buildkit()`);
  }
}

/** Raises an error for contexts besides that of the image. */
function checkContexts({ step, builder, image: { node, _buildContexts } }: BuilderRequest): void {
  if (Object.keys(_buildContexts).length > 0) {
    throw new Error(`'${step}': ${builder} knows one context only, and '${node.path}' has buildContexts; use DockerBuilder.buildkit(), or put the files into the context`);
  }
}

/** An image with the tools in it is left as it is. */
const INSTALL_TOOLS = [
  'command -v node >/dev/null && { command -v docker-credential-ecr-login >/dev/null || command -v aws >/dev/null; }',
  `|| apk add --no-cache ${PACKAGES.join(' ')}`,
  `|| { echo "ERROR: the build image lacks tools, and 'apk add ${PACKAGES.join(' ')}' could not get them:`,
  'give the step a buildImage that has them, see docs/kaniko.md" >&2; false; }',
].join(' ');

/** What the runner keeps for itself, passwords among it, is where no COPY from a stage comes by. */
const HIDE_TEMPORARY_FILES = 'mkdir -p /kaniko/build && export TMPDIR=/kaniko/build';
