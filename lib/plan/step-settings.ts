import { MetricSettings } from './metric-settings';

/** A text, or the name of the environment variable that holds it: values of pipeline variables have variables of their own, since CodePipeline limits their length. */
export type SettingValue = string | { readonly variable: string };

/** How the images of a step are built, as the runner gets it: one JSON text in the environment variable `SETTINGS_VARIABLE`. */
export interface StepSettings {
  readonly version: number;
  readonly layerCache: LayerCacheSettings;
  readonly builder: BuilderSettings;
  /** Tags that each image gets besides its own. */
  readonly additionalTags?: readonly SettingValue[];
  /** Hosts of Amazon ECR, other than those of images and caches, that base images come from. */
  readonly ecrHosts?: readonly string[];
  readonly logins?: readonly LoginSettings[];
  /** The secrets of images that have some, by the file of the plan. */
  readonly secrets?: { readonly [planFile: string]: SecretSettings };
  /** How many images are built at the same time at most; undefined for the runner's own default. */
  readonly maxConcurrentBuilds?: number;
  /** Undefined when no metrics are sent. */
  readonly metrics?: MetricSettings;
}

/** Where the runner finds its settings. */
export const SETTINGS_VARIABLE = 'CACHED_DOCKER_BUILD_SETTINGS';

export type LayerCacheSettings = RegistryCacheSettings | S3CacheSettings | InlineCacheSettings | EngineCacheSettings | NoCacheSettings;

/** What caches that are written apart from the image have in common. */
export interface ExportedCacheSettings {
  /** The scope to read and write; undefined for that of the image alone. */
  readonly scope?: SettingValue;
  readonly fallbackScopes?: readonly SettingValue[];
  /** `min` or `max`, as BuildKit has it. */
  readonly mode: string;
  /** Whether the build fails when the cache cannot be written. */
  readonly required?: boolean;
}

export interface RegistryCacheSettings extends ExportedCacheSettings {
  readonly kind: 'registry';
  /** The address of the cache's own repository; undefined for that of the image. */
  readonly repository?: string;
  /** The address of a repository from which the fallback scopes are read; undefined for that of the cache. */
  readonly fallbackRepository?: string;
  readonly compression: string;
}

export interface S3CacheSettings extends ExportedCacheSettings {
  readonly kind: 's3';
  readonly bucket: string;
  readonly region: string;
  readonly prefix: string;
}

export interface InlineCacheSettings {
  readonly kind: 'inline';
  /** Tags of earlier images; the first one is set with each build. */
  readonly tags: readonly string[];
  /** Stages that are kept as images of their own. */
  readonly stages: readonly string[];
}

/** Layers that stay where the build ran. */
export interface EngineCacheSettings {
  readonly kind: 'engine';
}

export interface NoCacheSettings {
  readonly kind: 'none';
}

export type BuilderSettings = BuildkitSettings | DockerEngineSettings | DockerServerSettings | RemoteSettings | KanikoSettings;

/** What builders with mirrors have in common. */
export interface MirrorSettings {
  readonly mirrors?: readonly { readonly upstream: string; readonly endpoint: string }[];
  /** Whether the build fails when a mirror does. */
  readonly mirrorsRequired?: boolean;
}

export interface BuildkitSettings extends MirrorSettings {
  readonly kind: 'buildkit';
  readonly buildkitImage: string;
  /** The text of a buildkitd.toml. */
  readonly config?: string;
  readonly maxParallelism?: number;
}

export interface DockerEngineSettings extends MirrorSettings {
  readonly kind: 'dockerEngine';
}

export interface DockerServerSettings extends MirrorSettings {
  readonly kind: 'dockerServer';
}

/** The certificates are in the environment variables of `REMOTE_VARIABLES`. */
export interface RemoteSettings extends MirrorSettings {
  readonly kind: 'remote';
  readonly endpoints: readonly string[];
  readonly serverName?: string;
}

export interface KanikoSettings extends MirrorSettings {
  readonly kind: 'kaniko';
}

/** The environment variables with the certificates of `remote()`, which CodeBuild fills from a secret. */
export const REMOTE_VARIABLES = { ca: 'BUILDKIT_CA', cert: 'BUILDKIT_CERT', key: 'BUILDKIT_KEY' } as const;

/** The environment variables with the secrets of an image, which CodeBuild fills. */
export interface SecretSettings {
  /** By the ids of the mounts. */
  readonly mounts?: { readonly [id: string]: string };
  readonly sshKey?: string;
}

/** Where the runner finds a secret that the settings say nothing of, as where an image is built by hand. */
export function secretVariable(id: string): string {
  return `BUILD_SECRET_${id}`;
}

/** The same for the SSH key. */
export const SSH_KEY_VARIABLE = 'BUILD_SSH_KEY';

/** A login for a registry. */
export interface LoginSettings {
  readonly host: string;
  /** The environment variables that hold user and password, which CodeBuild fills from a secret. */
  readonly usernameVariable: string;
  readonly passwordVariable: string;
}
