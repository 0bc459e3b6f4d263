import * as path from 'path';
import { Annotations, App, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as assets from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { cacheName, sharedCacheName } from './cache-name';
import { CachedDockerImageProps } from './cached-docker-image-props';
import { architectureErrors } from './checks/architecture-check';
import { checkBuildArguments } from './checks/check-build-arguments';
import { checkKnown } from './checks/check-known';
import { checkPlatform } from './checks/check-platform';
import { checkedSecretIds, checkSecrets } from './checks/check-secrets';
import { warnOfFlattenedLinks } from './checks/warn-of-flattened-links';
import { warnOfSize } from './checks/warn-of-size';
import { ImageBuilds } from './image-builds';
import { ImageTag } from './image-tag';
import { LambdaCodeOptions } from './lambda-code-options';
import { contentOf, stageNamedContexts } from './named-contexts';
import { prepareDockerfile } from './prepare-dockerfile';
import { StageLayers } from './stage-layers';
import { RenderedTag } from './tag-request';
import { writeImagePlan } from './write-image-plan';
import { BoundContext, SOURCE_FOLDER } from '../context/bound-context';
import { stageContext } from '../context/staged-context';
import { Dockerfile } from '../dockerfile/dockerfile';
import { hashValues } from '../plan/content-hash';
import { NamedContext, PLAN_VERSION } from '../plan/image-plan';
import { CacheRepository } from '../repository/cache-repository';
import { allowAccount, allowLambda } from '../repository/image-consumers';
import { ImageRepository } from '../repository/image-repository';
import { RepositoryIdentity } from '../repository/repository-identity';
import { claimTag } from '../repository/tag-claims';
import { BuildSecret } from '../secret/build-secret';
import { sortedByName } from '../values/sorted-by-name';

/**
 * A container image that a pipeline builds once and every stage deploys.
 *
 * Define it in the stack of the pipeline. A `CachedDockerBuildStep` or a `CachedDockerBuildProject` builds it; functions and tasks of the stages use it with `lambdaCode`,
 * `containerImage` or `imageUri`.
 *
 * @example
 * const worker = new CachedDockerImage(this, 'WorkerImage', { context: DockerContext.directory('worker') });
 * new lambda.DockerImageFunction(this, 'Worker', { code: worker.lambdaCode(this) });
 */
export class CachedDockerImage extends Construct {
  /** The repository of the image. Only the pipeline's own stage may use it; other stages go through the methods of the image. */
  public readonly repository: ecr.IRepository;

  /** The tag that stages deploy, a plain string that is known at synthesis. */
  public readonly imageTag: string;

  /** @internal */
  public readonly _identity: RepositoryIdentity;
  /** @internal */
  public readonly _context: BoundContext;
  /** @internal */
  public readonly _platform: string;
  /** What logs and metrics call it: its path in its stack. @internal */
  public readonly _name: string;
  /** @internal */
  public readonly _buildArgs: { readonly [name: string]: string };
  /** By their names. @internal */
  public readonly _buildContexts: { readonly [name: string]: NamedContext };
  /** By the ids of their mounts. @internal */
  public readonly _secrets: { readonly [id: string]: BuildSecret };
  /** @internal */
  public readonly _sshKey?: BuildSecret;
  /** The stage of the Dockerfile that is built; undefined for the last one. @internal */
  public readonly _target?: string;
  /** Undefined when it is not known at synthesis. @internal */
  public readonly _dockerfile?: Dockerfile;
  /** The file of the cloud assembly in which the build finds its plan. @internal */
  public readonly _planFile: string;
  /** @internal */
  public readonly _stageLayers: StageLayers;
  /** A name that belongs to the layers of this image, target and platform alone, and to the stack too. @internal */
  public readonly _cacheName: string;
  /** The same name in whatever stack the image is, for caches that several pipelines share. @internal */
  public readonly _sharedCacheName: string;

  /** @internal */
  public readonly _builds: ImageBuilds;

  private usedByLambda = false;
  private readonly users = new Set<Stack>();

  /**
   * Raises an error when the context or its Dockerfile is not there, when a context has a file whose name begins with `.wh.`, which no image can hold, when the Dockerfile has no such target, when a build argument is known only at deployment
   * or longer than 100,000 bytes, when a step mounts a secret or an SSH agent that the image does not have, when the platform is not a single one such as
   * `linux/amd64`, and when the repository is a `CacheRepository`, belongs to another stage, or its name is not known at synthesis.
   * The synthesis fails when a stack uses the image and nothing builds it, or no step before that stack, and when a function or a Fargate task has another architecture.
   */
  constructor(scope: Construct, id: string, props: CachedDockerImageProps) {
    super(scope, id);
    const name = this.node.path;
    this._builds = new ImageBuilds(this, props.builtElsewhere ?? false);
    if (!App.isApp(this.node.root)) {
      throw new Error(`'${name}': an image must be in an App, because its build plan is written into the App's cloud assembly`);
    }
    this._name = name.slice(Stack.of(this).node.path.length + 1);
    this._platform = (props.platform ?? assets.Platform.LINUX_AMD64).platform;
    checkPlatform(this, this._platform);
    const dockerfile = props.dockerfile ?? 'Dockerfile';
    const { linkCopies = true } = props;
    const buildArgs = sortedByName(props.buildArgs ?? {});
    this._buildArgs = buildArgs;
    checkKnown(this, 'dockerfile', dockerfile);
    const target = props.target || undefined; // as Docker, to which an empty one is none
    checkKnown(this, 'target', target ?? '');
    this._target = target;
    checkBuildArguments(this, buildArgs);
    this._secrets = props.buildSecrets ?? {};
    this._sshKey = props.buildSshKey;
    const secretIds = checkedSecretIds(this, this._secrets);

    this._context = props.context._bind(name);
    const { source, directory, image } = this._context;
    if (image !== undefined) {
      throw new Error(`'${name}': the context cannot be an image, got ${JSON.stringify(image)}; begin the Dockerfile with FROM, or give the image as one of the buildContexts`);
    }
    const staged = source ? undefined : stageContext(this, directory, dockerfile);
    if (staged) {
      warnOfSize(this, staged);
      warnOfFlattenedLinks(this, directory, staged.files);
    }
    this._buildContexts = stageNamedContexts(this, props.buildContexts ?? {});
    const contextNames = Object.keys(this._buildContexts);
    const { _platform: platform } = this;
    this._dockerfile = staged && prepareDockerfile(this, staged, { dockerfile, directory, target, platform, buildArgs, linkCopies, contextNames });
    const hasSshKey = this._sshKey !== undefined;
    if (this._dockerfile) {
      checkSecrets(this, this._dockerfile, { target, buildArgs, secretIds, hasSshKey });
    }
    const buildContexts = contextNames.length > 0 ? this._buildContexts : undefined;
    const secrets = { ...secretIds.length > 0 && { secretIds }, ...hasSshKey && { hasSshKey } };
    const tag = this.renderTag(props, staged && hashValues({
      files: staged.manifest.hash,
      dockerfile: this._dockerfile!.content,
      target,
      platform: this._platform,
      buildArgs,
      ...buildContexts && { buildContexts: contentOf(buildContexts) },
      ...secrets,
    }));
    this.imageTag = tag.tag;

    if (props.repository instanceof CacheRepository) {
      throw new Error(`'${name}': the repository '${props.repository.node.path}' is a CacheRepository, which deletes what was not written for some time, images in use among it; give an ImageRepository, or none`);
    }
    this.repository = props.repository ?? new ImageRepository(this, 'Repository');
    this._identity = RepositoryIdentity.of(this, this.repository);
    this._stageLayers = new StageLayers(this, { repository: this.repository, dockerfile: this._dockerfile, target, buildArgs });
    if (props.builtElsewhere) {
      this._stageLayers.keepBeside(() => undefined);
    }
    if (this._identity.isMoving(this.imageTag)) {
      throw new Error(`'${name}': the tag '${this.imageTag}' moves from image to image in its repository, so a stage that deploys it would not see a change; give a tag of its own, or none`);
    }
    if (!tag.isContentHash) {
      claimTag(this, this._identity, this.imageTag);
    }

    this._cacheName = cacheName(this);
    this._sharedCacheName = sharedCacheName(this);
    const stagingTag = `${this._cacheName}_pushed`;
    this._planFile = writeImagePlan(this, () => ({
      version: PLAN_VERSION,
      name: this._name,
      repository: this._identity.planAddress,
      tag: tag.isPlaceholder ? undefined : this.imageTag,
      stagingTag: this._identity.isImmutable(stagingTag) ? undefined : stagingTag,
      context: staged?.path ?? path.posix.join(SOURCE_FOLDER, directory),
      contextFiles: staged?.manifest,
      dockerfile,
      dockerfileContent: this._dockerfile?.content,
      target,
      platform: this._platform,
      buildArgs,
      buildContexts,
      ...secrets,
      linkCopies,
      refreshPeriod: tag.refreshPeriod,
      cacheRepository: this._stageLayers.planAddress,
      cacheName: this._cacheName,
      sharedCacheName: this._sharedCacheName,
      // The stages are defined after the image, so it is the end of the synthesis that knows what runs it.
      runsOnLambda: this.usedByLambda,
    }));
  }

  /**
   * The image as the code of a `DockerImageFunction`, in whatever stage the function is. The repository's policy lets Lambda
   * in that account pull.
   *
   * Raises an error when the scope is in another region than the repository.
   *
   * @param scope the function, or the stack that it is in
   */
  public lambdaCode(scope: Construct, options: LambdaCodeOptions = {}): lambda.DockerImageCode {
    const repository = this.importInto(scope);
    this.usedByLambda = true;
    const account = this._identity.accountOf(this, scope);
    if (!allowLambda(this.repository, account, this._identity.region)) {
      this.warnOfPolicy(scope, account);
    }
    return lambda.DockerImageCode.fromEcr(repository, { tagOrDigest: this.imageTag, ...options });
  }

  /**
   * The image for a container of an ECS task.
   *
   * Raises an error when the scope is in another region than the repository.
   *
   * @param scope the task definition, or the stack that it is in
   */
  public containerImage(scope: Construct): ecs.ContainerImage {
    return ecs.ContainerImage.fromEcrRepository(this.importInto(scope), this.imageTag);
  }

  /**
   * The address of the image, with its tag, for whatever else runs it.
   *
   * Raises an error when the scope is in another region than the repository.
   *
   * @param scope what uses the image, or the stack that it is in
   */
  public imageUri(scope: Construct): string {
    return this.importInto(scope).repositoryUriForTag(this.imageTag);
  }

  /**
   * Lets somebody build the image outside the steps and projects of this app: pull from and push to its repository, and ask for a login token. Layers are kept
   * beside the image, as `LayerCache.registry()` does. Secrets of the build come from environment variables, and nobody is let in to them.
   *
   * @param grantee the role of a workflow, such as one that trusts an OpenID Connect provider, or a user
   */
  public grantBuild(grantee: iam.IGrantable): iam.Grant {
    this._stageLayers.keepBeside((repository) => repository.grantPullPush(grantee));
    return this.repository.grantPullPush(grantee);
  }

  private renderTag(props: CachedDockerImageProps, contentHash?: string): RenderedTag {
    const tag = props.tag ?? (this._context.source ? ImageTag.commit() : ImageTag.contentHash());
    return tag._render({ image: this.node.path, contentHash, source: this._context.source });
  }

  /** The repository as another stage sees it: by its literal name, since no reference can cross into a stage. */
  private importInto(scope: Construct): ecr.IRepository {
    const account = this._identity.accountOf(this, scope);
    if (account !== this._identity.account) {
      this._stageLayers.share();
      if (!allowAccount(this.repository, account)) {
        this.warnOfPolicy(scope, account);
      }
    }
    const repository = this._identity.importInto(scope, `${this.node.id}Repository-${this.node.addr}`);
    this.noteUse(scope, repository);
    return repository;
  }

  /** At the end of the synthesis, each stack that uses the image is checked. */
  private noteUse(scope: Construct, repository: ecr.IRepository): void {
    this._builds.use(scope);
    const stack = Stack.of(scope);
    if (!this.users.has(stack)) {
      this.users.add(stack);
      const image = { path: this.node.path, platform: this._platform, uri: repository.repositoryUriForTag(this.imageTag) };
      stack.node.addValidation({ validate: () => architectureErrors(stack, image) });
    }
  }

  private warnOfPolicy(scope: Construct, account: string): void {
    if (!Token.isUnresolved(account) && account !== this._identity.account) {
      Annotations.of(scope).addWarningV2('cdk-cached-docker-build:repositoryPolicy',
        `the policy of repository '${this._identity.name}' cannot be changed from here; its owner has to let account ${account} pull, and lambda.amazonaws.com for the functions of that account`);
    }
  }
}
