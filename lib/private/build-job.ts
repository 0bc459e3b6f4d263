import { Annotations, Lazy, Names, Stack, Stage, Token } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { chooseBuildImage } from './build-machine';
import { BoundCache } from './cache-request';
import { isKnownAtSynthesis } from './known-at-synthesis';
import { runScript, unpackScripts } from './shell-scripts';
import { claimTag } from './tag-claims';
import { isTag, TAG_RULE } from './tag-syntax';
import { CachedDockerImage } from '../cached-docker-image';
import { DockerBuilder } from '../docker-builder';
import { LayerCache } from '../layer-cache';

/** What a build job is made from. */
export interface BuildJobOptions {
  readonly image: CachedDockerImage;
  readonly pipeline: pipelines.CodePipeline;
  readonly cache?: LayerCache;
  readonly builder?: DockerBuilder;
  readonly additionalTags?: string[];
  readonly buildImage?: codebuild.IBuildImage;
  readonly computeType?: codebuild.ComputeType;
  readonly env?: { [name: string]: string };
}

/** The build of one image, as CodeBuild runs it. */
export interface BuildJob {
  readonly input: pipelines.IFileSetProducer;
  readonly installCommands: string[];
  readonly buildCommands: string[];
  readonly environment: { [name: string]: string };
  readonly buildEnvironment: codebuild.BuildEnvironment;
  readonly statements: iam.PolicyStatement[];
}

/** What pulling and pushing need; BuildKit asks for a manifest before it pushes it, so a push reads as well. */
const REPOSITORY_ACTIONS = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:GetDownloadUrlForLayer',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

/** Raises an error when something is missing or does not go together. */
export function buildJob(id: string, options: BuildJobOptions): BuildJob {
  const { image, pipeline } = options;
  checkPlace(id, image, pipeline);

  const cache = options.cache ?? LayerCache.registry();
  const builder = options.builder ?? DockerBuilder.buildKit();
  const repositoryUri = image._identity.uri(Stack.of(image));
  const bound = { builder: builder._bind(), cache: cache._bind({ repositoryUri, cacheTag: cacheTag(image) }) };
  if (bound.cache.isExported && !bound.builder.exportsCache) {
    throw new Error(`'${id}': ${cache._name} does not go with ${builder._name}, which cannot write a cache apart from the image; use DockerBuilder.buildKit() or LayerCache.inline()`);
  }
  if (bound.cache.isInline && !bound.builder.exportsCache) {
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:inlineCacheAlternates',
      `step '${id}': with ${builder._name} and an older Docker engine (20.10 and 26.1, not 28.5) every second changed build finds no inline cache, an error of the engine (https://github.com/moby/buildkit/issues/2274); use DockerBuilder.buildKit()`);
  }

  warnOfForeignRepository(id, image);
  const extraTags = [...new Set([...bound.cache.imageTags, ...options.additionalTags ?? []])];
  checkTags(id, image, bound.cache, options.additionalTags ?? []);
  for (const tag of [...bound.cache.tags, ...extraTags]) {
    claimTag(image, image._identity, tag);
  }

  const environment: { [name: string]: string } = {
    ...image._planEnvironment,
    IMAGE_REPOSITORY: repositoryUri,
    // The stages are defined after the step, so it is the end of the synthesis that knows what runs the image.
    IMAGE_RUNS_ON_LAMBDA: Lazy.string({ produce: () => String(image._usedByLambda) }),
    ...extraTags.length > 0 && { IMAGE_EXTRA_TAGS: extraTags.join(' ') },
    ...bound.cache.environment,
    ...bound.builder.environment,
  };
  const taken = Object.keys(options.env ?? {}).filter((name) => VARIABLES.includes(name));
  if (taken.length > 0) {
    throw new Error(`'${id}': the environment variables ${taken.join(', ')} are used by the build itself; give yours other names`);
  }
  const unset = VARIABLES.filter((name) => !(name in environment));

  return {
    input: image._context.source ?? pipeline.cloudAssemblyFileSet,
    installCommands: [
      `unset ${unset.join(' ')}`, // whatever the pipeline's defaults may have set
      ...unpackScripts([...SCRIPTS, ...bound.builder.start, bound.builder.build]),
      ...['login.sh', 'lookup.sh', ...bound.builder.start].map(runScript),
    ],
    buildCommands: [
      ...['context.sh', bound.builder.build, 'publish.sh', 'export-cache.sh', 'report.sh'].map(runScript),
      'export IMAGE_DIGEST="$(cat "$CACHED_BUILD_DIR/digest")"',
      'export IMAGE_URI="$IMAGE_REPOSITORY@$IMAGE_DIGEST"',
    ],
    environment: { ...options.env, ...environment },
    buildEnvironment: {
      buildImage: chooseBuildImage(id, image, image._platform, options.buildImage),
      computeType: options.computeType,
      privileged: bound.builder.privileged,
    },
    statements: [
      new iam.PolicyStatement({ actions: REPOSITORY_ACTIONS, resources: [image.repository.repositoryArn] }),
      // A token is for all registries at once: there is no resource to name.
      new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
      ...bound.cache.statements,
    ],
  };
}

/** What the scripts read. */
const VARIABLES = [
  'BUILDKIT_IMAGE', 'CACHED_BUILD_DIR', 'CACHE_EXPORT', 'CACHE_FROM', 'CACHE_INLINE', 'IMAGE_DIGEST', 'IMAGE_EXTRA_TAGS', 'IMAGE_PLAN',
  'IMAGE_PLAN_FILE', 'IMAGE_REPOSITORY', 'IMAGE_RUNS_ON_LAMBDA', 'IMAGE_TAG', 'IMAGE_URI',
];

const SCRIPTS = ['login.sh', 'lookup.sh', 'context.sh', 'publish.sh', 'export-cache.sh', 'report.sh'];

function checkPlace(id: string, image: CachedDockerImage, pipeline: pipelines.CodePipeline): void {
  if (!image) {
    throw new Error(`'${id}': image is missing; give the step the CachedDockerImage that it builds`);
  }
  if (!pipeline) {
    throw new Error(`'${id}': pipeline is missing; give the step the CodePipeline that it belongs to`);
  }
  if (Stage.of(image) !== Stage.of(pipeline)) {
    throw new Error(`'${id}': the image '${image.node.path}' is not in the stage of the pipeline '${pipeline.node.path}'; define it in the stack of the pipeline, and hand it to the stages`);
  }
  const source = image._context.source;
  const primary = primarySource(pipeline);
  if (source && primary !== source) {
    throw new Error(`'${id}': the context of '${image.node.path}' is not the source that the pipeline's synth step starts from, so its commit is not known at synthesis; use that source, or DockerContext.directory()`);
  }
}

function primarySource(pipeline: pipelines.CodePipeline): pipelines.Step | undefined {
  const synth = pipeline.cloudAssemblyFileSet.producer;
  return synth instanceof pipelines.ShellStep ? synth.inputs.find(({ directory }) => directory === '.')?.fileSet.producer : undefined;
}

function warnOfForeignRepository(id: string, image: CachedDockerImage): void {
  const { account } = Stack.of(image);
  const owner = image._identity.account;
  if (!Token.isUnresolved(owner) && !Token.isUnresolved(account) && owner !== account) {
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:repositoryPolicy',
      `step '${id}' pushes to a repository of account ${owner}, whose policy cannot be changed from here; its owner has to let account ${account} pull and push`);
  }
}

/** A tag of its own for each image and platform, readable in the repository. */
function cacheTag(image: CachedDockerImage): string {
  const platform = image._platform.replace(/\W+/g, '-');
  return `cache-${Names.uniqueResourceName(image, { maxLength: 90, separator: '-' })}-${platform}`;
}

function checkTags(id: string, image: CachedDockerImage, cache: BoundCache, additional: string[]): void {
  for (const tag of additional.filter(isKnownAtSynthesis)) {
    if (!isTag(tag)) {
      throw new Error(`'${id}': additionalTags must be ${TAG_RULE}, got ${JSON.stringify(tag)}`);
    }
    if (cache.tags.includes(tag) && !cache.imageTags.includes(tag)) {
      throw new Error(`'${id}': the tag '${tag}' of additionalTags holds the layer cache; give the image another one`);
    }
    checkMoves(id, image, tag);
  }
  cache.tags.forEach((tag) => checkMoves(id, image, tag));
}

function checkMoves(id: string, image: CachedDockerImage, tag: string): void {
  if (image._identity.isImmutable(tag)) {
    throw new Error(`'${id}': the tag '${tag}' is the same for each build, but immutable in the repository, so the second build could not set it; add it to the movingTags of the ImageRepository, or to the exclusions of another repository`);
  }
}
