import { App } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';
import { DockerAssetCacheProps } from './docker-asset-cache-props';
import { writeAssetList } from './write-asset-list';
import { RUNNER_FILE } from '../image/copy-runner';
import { CacheRepository } from '../repository/cache-repository';
import { defaultName } from '../repository/image-repository';
import { RepositoryIdentity } from '../repository/repository-identity';
import { pushAndPullStatements } from '../repository/repository-permissions';

/**
 * A layer cache for the image assets of an app: `DockerImageAsset`, `DockerImageCode.fromImageAsset`, `ContainerImage.fromAsset` and all that is made of them.
 *
 * Nothing in the app changes. The Assets stage of the pipeline publishes each image where it did before, under the same hash, and a build on a new machine reuses
 * the layers of the last one. Define it in the stack of the pipeline.
 *
 * What cannot be built this way is built by Docker as before, and the log says why: `TarballImageAsset`, an asset with `cacheDisabled`, outputs other than
 * `type=docker`, several platforms. So is an image whose build fails for another reason than its own steps.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/assets.html
 *
 * @example
 * const assets = new DockerAssetCache(this, 'Assets');
 * new pipelines.CodePipeline(this, 'CachedPipeline', {
 *   synth: new pipelines.ShellStep('Synth', { input: source, commands: ['npx cdk synth'] }),
 *   assetPublishingCodeBuildDefaults: assets.codeBuildOptions(),
 * });
 */
export class DockerAssetCache extends Construct {
  /** The repository of the layers. Each image that is published passes through it, and is there for as long as its layers. */
  public readonly repository: ecr.IRepository;

  /**
   * Raises an error when it is not in an App, when the tags of the repository are immutable, and when the name of the repository is not known at synthesis.
   */
  constructor(scope: Construct, id: string, props: DockerAssetCacheProps = {}) {
    super(scope, id);
    if (!App.isApp(this.node.root)) {
      throw new Error(`'${this.node.path}': it must be in an App, because the list of assets is written into the App's cloud assembly`);
    }
    this.repository = props.repository ?? new CacheRepository(this, 'Repository', { repositoryName: defaultName(this, 'Repository') });
    const identity = RepositoryIdentity.ofCache(this.repository);
    if (!identity.isNameKnown) {
      throw new Error(`'${this.node.path}': the name of the repository '${this.repository.node.path}' must be known at synthesis, because laptops and workflows find it by its name; give it a repositoryName, or give none`);
    }
    if (identity.isImmutable('cache-')) {
      throw new Error(`'${this.node.path}': the tags of the repository '${this.repository.node.path}' are immutable, and a cache sets its tags again with each change; give a CacheRepository, or none`);
    }
    writeAssetList(this, identity.planAddress);
  }

  /**
   * What the Assets stage needs, for `assetPublishingCodeBuildDefaults` of the pipeline: a command before the others, and the permission to use the
   * repository. The projects of file assets get them as well, and do nothing with them.
   *
   * @param options your own options for these projects, to which the others are added
   */
  public codeBuildOptions(options: pipelines.CodeBuildOptions = {}): pipelines.CodeBuildOptions {
    const prepare = codebuild.BuildSpec.fromObject({
      version: '0.2',
      phases: {
        install: {
          // In two parts, since the exit code of an assignment that is exported is that of the export.
          commands: [`CDK_DOCKER="$(node "$CODEBUILD_SRC_DIR/${RUNNER_FILE}" prepare-assets)" && export CDK_DOCKER`],
        },
      },
    });
    return {
      ...options,
      partialBuildSpec: options.partialBuildSpec ? codebuild.mergeBuildSpecs(options.partialBuildSpec, prepare) : prepare,
      rolePolicy: [
        ...options.rolePolicy ?? [],
        ...pushAndPullStatements([this.repository]),
        // A token is for all registries at once: there is no resource to name.
        new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
      ],
    };
  }

  /**
   * Lets somebody publish image assets with the cache: the role of a workflow outside CDK Pipelines, which reads and writes it. The permission to publish comes
   * from the bootstrap of the CDK, as before.
   *
   * @param grantee whoever runs `cdk-assets` or `cdk deploy` with the program that `prepare-assets` of the runner prints
   */
  public grantPublish(grantee: iam.IGrantable): iam.Grant {
    return this.repository.grantPullPush(grantee);
  }

  /**
   * Lets somebody build image assets with the layers of the cache and write nothing there: whoever deploys from a laptop, with `cached-docker.cjs` of the cloud assembly as
   * `CDK_DOCKER`. A principal of another account is let in by the policy of the repository, if that can be changed.
   *
   * @param grantee a user, a role, or an account
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.repository.grantPull(grantee);
  }
}
