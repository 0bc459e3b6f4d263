import * as fs from 'fs';
import { ImageJob } from '../../image/image-job';
import { Mirror } from '../../registry/mirrors';
import { BuilderContext } from '../builder';

export interface KanikoOptions {
  readonly digestFile: string;
  readonly readsCache: boolean;
  readonly mirrors: readonly Mirror[];
}

/** What kaniko is told. */
export function kanikoArguments(job: ImageJob, { cache, input, work }: BuilderContext, { digestFile, readsCache, mirrors }: KanikoOptions): string[] {
  const { plan, repository } = job;
  // A source is a link to where CodeBuild has put it, beside the folder of the build: kaniko would remove it with all other files.
  const context = fs.realpathSync(job.context);
  const [cacheRepository] = cache.repositories;
  return [
    '--context', context, '--dockerfile', job.dockerfile, '--custom-platform', plan.platform,
    '--destination', `${repository}:${plan.stagingTag ?? plan.tag}`, '--digest-file', digestFile,
    ...plan.stagingTag === undefined ? ['--push-ignore-immutable-tag-errors'] : [],
    // What is there before the build stays out of the image, and is there again behind it; what the build needs itself stays all the time.
    '--preserve-context', '--pre-cleanup', '--cleanup', '--ignore-path', input, '--ignore-path', work.root,
    ...context.startsWith(`${input}/`) ? [] : ['--ignore-path', context],
    '--ignore-var-run=false', // what is mounted there is left out anyway
    '--credential-helpers=', // each registry is logged in to already
    '--compressed-caching=false', // else whole layers are held in memory
    '--log-format', 'color', // tells the lines of kaniko from those of a step
    // kaniko refuses to work where it sees no sign of a container, since it removes all files. Not every container shows one, but who has kaniko in this place is in its image.
    ...fs.existsSync('/kaniko/executor') ? ['--force'] : [],
    ...platformArguments(plan.platform),
    ...plan.target === undefined ? [] : ['--target', plan.target],
    ...Object.entries(plan.buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    // How long a layer is kept, its repository says. A layer of an earlier period must not come back, and kaniko tells layers apart by their age only:
    // with a refresh period, all are too old, and new ones take their places.
    ...cacheRepository === undefined ? [] : [
      '--cache=true', '--cache-copy-layers', '--cache-repo', cacheRepository, '--cache-ttl', plan.refreshPeriod === undefined && readsCache ? '87600h' : '0s',
    ],
    // Without the fallback, kaniko would pass a mirror that fails in silence.
    ...mirrors.flatMap(({ upstream, endpoint }) => ['--registry-map', `${upstream === 'docker.io' ? 'index.docker.io' : upstream}=${endpoint}`]),
    ...mirrors.length > 0 ? ['--skip-default-registry-fallback'] : [],
  ];
}

/** What BuildKit knows in FROM and in the paths of a COPY --from, and kaniko only within a stage. The build machine has the platform of the image. */
function platformArguments(platform: string): string[] {
  const [os, arch, variant = ''] = platform.split('/');
  return ['BUILD', 'TARGET'].flatMap((prefix) => Object.entries({ PLATFORM: platform, OS: os, ARCH: arch, VARIANT: variant })
    .flatMap(([name, value]) => ['--build-arg', `${prefix}${name}=${value}`]));
}

/** Lets kaniko do as BuildKit does where it has both ways, know a layer by all that it depends on, and leave out the stages of which everything is cached. */
export function kanikoFeatures(): { [name: string]: string } {
  return Object.fromEntries([
    'CHOWN_ON_IMPLICIT_DIRS', 'COPY_AS_ROOT', 'COPY_CHMOD_ON_IMPLICIT_DIRS', 'EXPAND_HEREDOC', 'RUN_HONOR_GROUP', 'UNTAR_SKIP_ROOT',
    'HASH_DIR_FRAMING', 'RESOLVE_CACHE_KEY', 'ROLLING_CACHE_KEY', 'SCOPED_DOCKERIGNORE', 'SKIP_WRITE_WHITEOUTS',
    'CACHE_LOOKAHEAD', 'INFER_CROSS_STAGE_CACHE_KEY', 'SKIP_CACHED_STAGES', 'SHARED_BASE_CACHE', 'SKIP_RELABEL_RECOMPRESS', 'CROSS_REPO_MOUNT',
    'PRECOMPILE_DOCKERIGNORE',
  ].map((feature) => [`FF_KANIKO_${feature}`, 'true']));
}
