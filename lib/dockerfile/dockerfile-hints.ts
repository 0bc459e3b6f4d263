import { BuildOptions, BuiltStages } from './built-stages';
import { ContextView } from './context-view';
import { copiesBeforeRuns, CopyBeforeRun } from './copies-before-runs';
import { Dockerfile } from './dockerfile';
import { foreignPlatforms } from './foreign-platforms';
import { linkObstacle } from './link-obstacle';
import { missingSources, unknownStages } from './missing-sources';
import { uselessFiles } from './useless-files';

/** Something that a Dockerfile or its context does to the build, and that somebody should know. */
export interface DockerfileHint {
  /** The part of the id after the name of the package. */
  readonly id: 'broadCopyBeforeInstall' | 'cacheMount' | 'contextWithoutIgnore' | 'copiesNotLinked' | 'copyBeforeRun' | 'dockerfileNotUnderstood' | 'missingSource'
  | 'platformMismatch' | 'unknownStage';
  /** Whether something is wrong for sure; else it might have a reason. */
  readonly isWarning: boolean;
  readonly message: string;
}

/** What hints are given on. */
export interface HintOptions extends BuildOptions {
  readonly context: ContextView;
  /** That of the image. */
  readonly platform: string;
  /** Whether the build links copies. */
  readonly linkCopies: boolean;
  /** The names of contexts besides that of the image. */
  readonly contextNames?: readonly string[];
}

/** What to change in a Dockerfile or its context. Nothing where it is not sure: a hint that is wrong costs more than one that is missing. */
export function dockerfileHints(dockerfile: Dockerfile, options: HintOptions): DockerfileHint[] {
  const stages = new BuiltStages(dockerfile, options);
  const { context } = options;
  return [
    ...dockerfile.whyUnknown === undefined ? [] : [info('dockerfileNotUnderstood', `it is not understood: ${dockerfile.whyUnknown}. So there is no advice, and its copies are not linked`)],
    ...missingSources(stages, context).map(({ instruction: { keyword, line }, source, reason }) => (
      warning('missingSource', `the ${keyword} in line ${line} will fail, because ${JSON.stringify(source)} ${reason}`))),
    ...unknownStages(stages, options.contextNames).map(({ instruction: { keyword, line }, name }) => (
      info('unknownStage', `the ${keyword} in line ${line} takes '${name}' for an image of that name, because no stage before it is called so`))),
    ...foreignPlatforms(stages, options.platform).map(({ stage, platform, isOfImage }) => warning('platformMismatch', isOfImage
      ? `the image is built for ${options.platform}, but starts from a stage for ${platform}, ${JSON.stringify(stage.base)}; leave out --platform there, or change the platform of the image`
      : `steps of a stage for ${platform}, ${JSON.stringify(stage.base)}, have to be emulated, since the build runs on ${options.platform}; write --platform=$BUILDPLATFORM, or leave it out`)),
    ...copiesBeforeRuns(stages, context).map(copyHint),
    ...options.linkCopies ? copiesNotLinked(stages) : [],
    ...cacheMounts(stages),
    ...contextWithoutIgnore(stages, context),
  ];
}

function warning(id: DockerfileHint['id'], message: string): DockerfileHint {
  return { id, isWarning: true, message };
}

function info(id: DockerfileHint['id'], message: string): DockerfileHint {
  return { id, isWarning: false, message };
}

const SOURCES = {
  context: 'takes the whole context',
  directory: 'takes source code',
  output: 'takes what is built from the source',
};

function copyHint({ copy, run, source, installer }: CopyBeforeRun): DockerfileHint {
  const what = `the ${copy.keyword} in line ${copy.line}`;
  if (!source) {
    return info('copyBeforeRun', `the RUN in line ${run.line} only changes owners or modes, and runs again, on all layers below it, with every change of what ${what} takes;`
      + ' write --chown or --chmod on the copy instead');
  }
  if (!installer) {
    return info('copyBeforeRun', `${what} ${SOURCES[source]}, so every change of it runs the RUN in line ${run.line} again, on all layers below it;`
      + ' put the RUN before the copy, or, if it needs these files, into a separate stage, and copy its results from there');
  }
  const { program, isNamed, alone } = installer;
  const remedy = isNamed || source === 'output' ? 'put the installation before it'
    : `copy only the files that name the dependencies before ${alone ? `a RUN with ${alone}` : 'it'}, and the rest after it`;
  return warning('broadCopyBeforeInstall', `${what} ${SOURCES[source]}, so every change installs ${isNamed ? 'the same' : 'all dependencies'} again (${program}, line ${run.line}); ${remedy}`);
}

function copiesNotLinked(stages: BuiltStages): DockerfileHint[] {
  const found = linkObstacle(stages);
  return found ? [info('copiesNotLinked', `the ${found.instruction.keyword} in line ${found.instruction.line} ${found.reason}, so it needs all layers below it, and what is copied in line`
    + ` ${found.copies.map(({ line }) => line).join(', ')} cannot be linked; ${found.remedy}`)] : [];
}

function cacheMounts(stages: BuiltStages): DockerfileHint[] {
  const lines = stages.used.flatMap(({ instructions }) => instructions)
    .filter(({ keyword, flags }) => keyword === 'RUN' && flags.some(({ name, value }) => name === 'mount' && /(^|,)type=cache(,|$)/.test(value)))
    .map(({ line }) => line);
  return lines.length === 0 ? []
    : [info('cacheMount', `the cache mount of line ${lines.join(', ')} is empty on every new build machine, since only layers are kept; what it holds cannot make these builds faster`)];
}

function contextWithoutIgnore(stages: BuiltStages, context: ContextView): DockerfileHint[] {
  const found = uselessFiles(stages, context);
  const listed = found.slice(0, 5).map(([path, count]) => `${path} (${count} ${count === 1 ? 'file' : 'files'})`);
  return found.length === 0 ? []
    : [warning('contextWithoutIgnore', `the context holds ${listed.join(', ')}${found.length > 5 ? ` and ${found.length - 5} more such directories` : ''}, which are uploaded, are part of the tag,`
      + ' and so make a new image when only they change; list them in .dockerignore')];
}
