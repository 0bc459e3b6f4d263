import { Annotations, Lazy, Stack, Stage, Token, TokenComparison } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { checkCombination } from './cache-combinations';
import { chooseBuildImage } from '../builder/build-machine';
import { DockerBuilder } from '../builder/docker-builder';
import { BoundCache } from '../cache/cache-request';
import { cacheTag, sharedCacheTag } from '../cache/cache-tag';
import { LayerCache } from '../cache/layer-cache';
import { SOURCE_FOLDER } from '../context/bound-context';
import { CachedDockerImage } from '../image/cached-docker-image';
import { checkStage } from '../image/prepare-dockerfile';
import { claimTag, TagPlace } from '../image/tag-claims';
import { runScript } from '../plan/shell-scripts';
import { isTag, TAG_RULE } from '../plan/tag-syntax';
import { RegistryAccess, registryLogins } from '../registry/registry-access';
import { RegistryLogin } from '../registry/registry-login';
import { secretVariables } from '../registry/secret-fields';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/** What a build job is made from. */
export interface BuildJobOptions {
  readonly image: CachedDockerImage;
  readonly pipeline: pipelines.CodePipeline;
  readonly cache?: LayerCache;
  readonly builder?: DockerBuilder;
  readonly additionalTags?: string[];
  readonly registryLogins?: RegistryLogin[];
  readonly buildImage?: codebuild.IBuildImage;
  readonly computeType?: codebuild.ComputeType;
  readonly env?: { [name: string]: string };
}

/** The build of one image, as CodeBuild runs it. */
export interface BuildJob {
  readonly shell: string;
  readonly input: pipelines.IFileSetProducer;
  readonly additionalInputs?: { [folder: string]: pipelines.IFileSetProducer };
  readonly installCommands: string[];
  readonly buildCommands: string[];
  readonly environment: { [name: string]: string };
  readonly buildEnvironment: codebuild.BuildEnvironment;
  readonly statements: iam.PolicyStatement[];
  readonly projectCache?: codebuild.Cache;
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

  const builder = options.builder ?? DockerBuilder.buildKit();
  const cache = options.cache ?? builder._bound.defaultCache?.(image) ?? LayerCache.registry();
  const repositoryUri = image._identity.uri(Stack.of(image));
  checkCombination(id, image, cache, builder);
  builder._bound.check?.({ step: id, image, cache, buildImage: options.buildImage });
  const bound = {
    builder: builder._bound,
    cache: cache._bind({ image, repositoryUri, cacheTag: cacheTag(image), sharedCacheTag: sharedCacheTag(image) }),
  };
  bound.cache.stages?.forEach((stage) => image._dockerfile && checkStage(id, image._dockerfile, 'stages of LayerCache.inline()', stage));
  warnOfForeignRepositories(id, image, bound.cache);
  warnOfForeignMirrors(id, image, bound.builder.registries);
  const extraTags = [...new Set([...bound.cache.imageTags ?? [], ...options.additionalTags ?? []])];
  checkTags(id, image, bound.cache, options.additionalTags ?? []);
  extraTags.forEach((tag) => claimTag(image, image._identity, tag));
  bound.cache.tags?.forEach((tag) => claimTag(image, bound.cache.place ?? image._identity, tag));

  const registries = registryLogins(id, [...bound.builder.registries, ...(options.registryLogins ?? []).map((login) => login._bind())]);
  const secrets = secretVariables(id, Stack.of(pipeline), { ...bound.builder.secrets, ...registries.secrets });

  const environment: { [name: string]: string } = {
    IMAGE_PLAN_FILE: image._planFile,
    IMAGE_REPOSITORY: repositoryUri,
    // The stages are defined after the step, so it is the end of the synthesis that knows what runs the image.
    IMAGE_RUNS_ON_LAMBDA: Lazy.string({ produce: () => String(image._usedByLambda) }),
    ...extraTags.length > 0 && { IMAGE_EXTRA_TAGS: extraTags.join(' ') },
    ...bound.cache.environment,
    ...bound.builder.environment,
    ...registries.environment,
  };
  const taken = Object.keys(options.env ?? {}).filter((name) => [...VARIABLES, ...SET_BY_SCRIPTS].includes(name) || name in secrets.variables);
  if (taken.length > 0) {
    throw new Error(`'${id}': the environment variables ${taken.join(', ')} are used by the build itself; give yours other names`);
  }
  const unset = VARIABLES.filter((name) => !(name in environment) && !(name in secrets.variables));
  const platform = bound.builder.runsElsewhere ? undefined : image._platform;
  return {
    shell: bound.builder.prepare ? '/bin/sh' : 'bash',
    input: pipeline.cloudAssemblyFileSet,
    additionalInputs: image._context.source && { [SOURCE_FOLDER]: image._context.source },
    installCommands: [
      ...bound.builder.prepare ?? [],
      `unset ${unset.join(' ')}`, // whatever the pipeline's defaults may have set
      'export CACHED_BUILD_DIR="$(mktemp -d)"',
      ...['login.sh', 'lookup.sh', ...registries.scripts, ...bound.builder.start].map(runScript),
    ],
    buildCommands: [
      ...['context.sh', bound.builder.build, 'publish.sh', ...bound.builder.keepLayers, 'report.sh'].map(runScript),
      'export IMAGE_DIGEST="$(cat "$CACHED_BUILD_DIR/digest")"',
      'export IMAGE_URI="$IMAGE_REPOSITORY@$IMAGE_DIGEST"',
    ],
    environment: { ...options.env, ...environment },
    buildEnvironment: {
      buildImage: chooseBuildImage(id, image, platform, options.buildImage, bound.builder.buildImage),
      computeType: options.computeType,
      privileged: bound.builder.privileged,
      dockerServer: bound.builder.dockerServer,
      environmentVariables: secrets.variables,
    },
    statements: [
      new iam.PolicyStatement({ actions: REPOSITORY_ACTIONS, resources: [image.repository.repositoryArn] }),
      ...bound.cache.repository ? [new iam.PolicyStatement({ actions: REPOSITORY_ACTIONS, resources: [bound.cache.repository.repositoryArn] })] : [],
      // A token is for all registries at once: there is no resource to name.
      new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
      ...bound.cache.statements ?? [],
      ...registries.statements,
      ...secrets.statements,
    ],
    projectCache: bound.cache.projectCache,
  };
}

/** What the scripts read. */
const VARIABLES = [
  'BUILDKIT_CA', 'BUILDKIT_CERT', 'BUILDKIT_CONFIG', 'BUILDKIT_ENDPOINTS', 'BUILDKIT_IMAGE', 'BUILDKIT_KEY', 'BUILDKIT_MAX_PARALLELISM',
  'BUILDKIT_SERVER_NAME', 'CACHED_BUILD_DIR', 'CACHE_EXPORT',
  'CACHE_FALLBACK_SCOPES', 'CACHE_FROM', 'CACHE_INLINE', 'CACHE_KEEPER', 'CACHE_LOCATION', 'CACHE_REQUIRED', 'CACHE_SCOPE', 'CACHE_STAGES', 'CACHE_TAG',
  'IMAGE_DIGEST', 'IMAGE_EXTRA_TAGS', 'IMAGE_MIRRORS', 'IMAGE_MIRRORS_REQUIRED', 'IMAGE_PLAN_FILE', 'IMAGE_REPOSITORY', 'IMAGE_RUNS_ON_LAMBDA',
  'IMAGE_URI', 'REGISTRY_ECR_HOSTS', 'REGISTRY_HOSTS',
];

/** What the scripts set for BuildKit: one given by the step would be lost, and with it what it forbids. */
const SET_BY_SCRIPTS = ['EXPERIMENTAL_BUILDKIT_SOURCE_POLICY'];

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

function warnOfForeignRepositories(id: string, image: CachedDockerImage, cache: BoundCache): void {
  const { account } = Stack.of(image);
  for (const owner of new Set([image._identity.account, cache.repository?.env.account ?? account])) {
    if (isElsewhere(owner, account)) {
      Annotations.of(image).addWarningV2('cdk-cached-docker-build:repositoryPolicy',
        `step '${id}' pushes to a repository of account ${owner}, whose policy cannot be changed from here; its owner has to let account ${account} pull and push`);
    }
  }
}

function warnOfForeignMirrors(id: string, image: CachedDockerImage, registries: RegistryAccess[]): void {
  const { account } = Stack.of(image);
  for (const owner of new Set(registries.map((registry) => registry.account ?? account))) {
    if (isElsewhere(owner, account)) {
      Annotations.of(image).addWarningV2('cdk-cached-docker-build:registryPolicy',
        `step '${id}' takes base images from a mirror of account ${owner}, whose policies cannot be changed from here; its owner has to let account ${account} pull, in the policies of the repositories,`
        + ' and for a pull-through cache import images and make repositories, in the policy of the registry');
    }
  }
}

function isElsewhere(owner: string, account: string): boolean {
  return Token.compareStrings(owner, account) === TokenComparison.DIFFERENT;
}

function checkTags(id: string, image: CachedDockerImage, cache: BoundCache, additional: string[]): void {
  for (const tag of additional.filter(isKnownAtSynthesis)) {
    if (!isTag(tag)) {
      throw new Error(`'${id}': additionalTags must be ${TAG_RULE}, got ${JSON.stringify(tag)}`);
    }
    if (!cache.place && cache.tags?.includes(tag) && !cache.imageTags?.includes(tag)) {
      throw new Error(`'${id}': the tag '${tag}' of additionalTags holds the layer cache; give the image another one`);
    }
    checkMoves(id, image._identity, tag);
  }
  cache.tags?.forEach((tag) => checkMoves(id, cache.place ?? image._identity, tag));
}

function checkMoves(id: string, place: TagPlace, tag: string): void {
  if (place.isImmutable(tag)) {
    throw new Error(`'${id}': the tag '${tag}' is the same for each build, but immutable in ${place.what}, so the second build could not set it; add it to the movingTags of the ImageRepository, or to the exclusions of another repository`);
  }
}
