import { Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CachedDockerBuildOptions } from './cached-docker-build-options';
import { checkCombination } from './check-combination';
import { BuildPlace, checkImages } from './check-images';
import { checkTags } from './check-tags';
import { imageSecrets } from './image-secrets';
import { metricSettings } from './step-metrics';
import { warnOfForeignAccounts } from './warn-of-foreign-accounts';
import { chooseBuildImage } from '../builder/build-machine';
import { DockerBuilder } from '../builder/docker-builder';
import { LayerCache } from '../cache/layer-cache';
import { checkStage } from '../image/prepare-dockerfile';
import { BuildMetrics } from '../metrics/build-metrics';
import { PLAN_VERSION } from '../plan/image-plan';
import { MetricSettings } from '../plan/metric-settings';
import { SETTINGS_VARIABLE, StepSettings } from '../plan/step-settings';
import { registryLogins } from '../registry/registry-access';
import { pullStatements, pushAndPullStatements, pushStatements } from '../repository/repository-permissions';
import { secretVariables } from '../secret/secret-variables';
import { SettingVariables } from '../values/setting-variables';
import { sortedByName } from '../values/sorted-by-name';

/** What a build job is made from. */
export interface BuildJobOptions extends CachedDockerBuildOptions, BuildPlace {
  readonly metrics?: BuildMetrics;
}

/** The build of images, as CodeBuild runs it. */
export interface BuildJob {
  /** The files of the plans. */
  readonly plans: string[];
  readonly installCommands: string[];
  readonly environment: { [name: string]: string };
  readonly buildEnvironment: codebuild.BuildEnvironment;
  readonly statements: readonly iam.PolicyStatement[];
  readonly projectCache?: codebuild.Cache;
  /** Undefined when the build has none. */
  readonly metrics?: MetricSettings;
  /** Calls back with further statements once it is known that another account uses an image, perhaps after the job was made. */
  onLayersMoved(add: (statements: iam.PolicyStatement[]) => void): void;
}

/** What the runner sets for BuildKit: one given by the step would be lost, and with it what it forbids. */
const SET_BY_RUNNER = ['EXPERIMENTAL_BUILDKIT_SOURCE_POLICY'];

const requireNode = (what: BuildPlace['what']) => 'command -v node >/dev/null || { echo "ERROR: the build image has no Node.js, which the build of images needs:'
  + ` give the ${what} a buildImage with Node.js 18 or later, as CodeBuild's own have it" >&2; false; }`;

/** Raises an error when something is missing or does not go together. */
export function buildJob(id: string, options: BuildJobOptions): BuildJob {
  const { images, scope, additionalTags = [], maxConcurrentBuilds } = options;
  checkImages(id, images, options);
  if (maxConcurrentBuilds !== undefined && !(Number.isSafeInteger(maxConcurrentBuilds) && maxConcurrentBuilds > 0)) {
    throw new Error(`'${id}': maxConcurrentBuilds must be a whole number above 0, known at synthesis, got ${maxConcurrentBuilds}; for example 2`);
  }

  const { _name, _bound: builder } = options.builder ?? DockerBuilder.buildkit();
  const cache = options.layerCache ?? builder.defaultCache?.(images) ?? LayerCache.registry();
  checkCombination(id, cache, { name: _name, ...builder });
  const stack = Stack.of(scope);
  const variables = new SettingVariables();
  const layerCache = cache._bind({ region: stack.region, variables });
  for (const image of images) {
    builder.check?.({ step: id, builder: _name, image, cache, buildImage: options.buildImage });
    layerCache.stages?.forEach((stage) => image._dockerfile && checkStage(id, image._dockerfile, 'stages of LayerCache.inline()', stage));
    warnOfForeignAccounts(id, scope, image, layerCache, builder.registries);
    checkTags(id, image, layerCache, additionalTags);
  }

  const registries = registryLogins(id, [...builder.registries, ...(options.registryLogins ?? []).map((login) => login._bind())]);
  const ofImages = imageSecrets(images);
  const secrets = secretVariables(id, stack, { ...builder.secrets, ...registries.secrets, ...ofImages.sources });
  const tags = [...new Set(additionalTags)].filter((tag) => !layerCache.imageTags?.includes(tag));
  const metrics = metricSettings(id, scope, images, options.metrics, options.logging);
  const settings: StepSettings = {
    version: PLAN_VERSION,
    layerCache: layerCache.settings,
    builder: builder.settings,
    ...tags.length > 0 && { additionalTags: tags.map((tag, index) => variables.value(`ADDITIONAL_TAG_${index}`, tag)) },
    ...registries.settings,
    ...ofImages.settings,
    ...maxConcurrentBuilds !== undefined && { maxConcurrentBuilds },
    ...metrics && { metrics },
  };
  const environment = { [SETTINGS_VARIABLE]: stack.toJsonString(settings), ...variables.environment };
  checkEnvironment(id, options.env, [...Object.keys(environment), ...Object.keys(secrets.variables), ...SET_BY_RUNNER]);

  const repositories = images.map(({ repository }) => repository);
  // What was pushed is looked into where something can be kept for the next build.
  const readsLayers = !builder.onlyPushes && !['none', 'engine'].includes(layerCache.settings.kind);
  const statements = [
    ...readsLayers ? pushAndPullStatements(repositories) : pushStatements(repositories),
    ...pushAndPullStatements(layerCache.repository ? [layerCache.repository] : []),
    ...pullStatements(layerCache.fallbackRepository ? [layerCache.fallbackRepository] : []),
    // A token is for all registries at once: there is no resource to name.
    new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
    ...layerCache.statements ?? [],
    ...registries.statements,
    ...secrets.statements,
  ];
  const [first] = images;
  return {
    plans: images.map(({ _planFile }) => _planFile),
    installCommands: [...builder.prepare ?? [], requireNode(options.what)],
    environment: sortedByName({ ...options.env, ...environment }),
    buildEnvironment: {
      buildImage: chooseBuildImage(id, first, builder.runsElsewhere ? undefined : first._platform, options.buildImage, builder.buildImage),
      computeType: options.computeType,
      fleet: options.fleet,
      privileged: builder.privileged,
      dockerServer: builder.dockerServer,
      environmentVariables: secrets.variables,
    },
    statements,
    projectCache: layerCache.projectCache,
    metrics,
    onLayersMoved: (add) => {
      if (layerCache.isBesideImage) {
        images.forEach((image) => image._stageLayers.keepBeside((repository) => add(pushAndPullStatements([repository]))));
      }
    },
  };
}

function checkEnvironment(id: string, given: { [name: string]: string } | undefined, used: string[]): void {
  const taken = Object.keys(given ?? {}).filter((name) => used.includes(name));
  if (taken.length > 0) {
    throw new Error(`'${id}': the environment variables ${taken.join(', ')} are used by the build itself; give yours other names`);
  }
}
