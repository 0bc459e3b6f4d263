import { BuiltStages, StageInstruction } from './built-stages';
import { ContextView } from './context-view';
import { commandsOf, familiesBehind, Installer, installsOf, isInstallation, mayInstall } from './installers';
import { CopiedSource, copiedSource, isOfBuild, mayBringDependencies } from './source-copies';

/** A copy of the source with a step after it, which runs again with every change of the source. */
export interface CopyBeforeRun {
  readonly copy: StageInstruction;
  readonly run: StageInstruction;
  readonly source?: CopiedSource;
  /** What the step installs, and no step before it. */
  readonly installer?: Installer;
}

/** The installations after copies of the source, in all stages, and the other steps after such copies in the stage that is built. */
export function copiesBeforeRuns(stages: BuiltStages, context: ContextView): CopyBeforeRun[] {
  const found = new Map<number, CopyBeforeRun>();
  for (const stage of stages.used) {
    const ofStage = new StageCopies(stages, stages.instructions(stage), context);
    const one = ofStage.beforeInstall() ?? (stage === stages.target ? ofStage.beforePermissions() ?? ofStage.beforeRun() : undefined);
    if (one && !found.has(one.copy.line)) {
      found.set(one.copy.line, one);
    }
  }
  return [...found.values()];
}

class StageCopies {
  /** For each step, what it installs and none before it, in this stage or in one that files were taken from. */
  private readonly installers = new Map<StageInstruction, Installer>();

  constructor(
    private readonly stages: BuiltStages,
    private readonly instructions: readonly StageInstruction[],
    private readonly context: ContextView,
  ) {
    const before = new Set<string>();
    for (const instruction of instructions) {
      const from = mayBringDependencies(stages, instruction, context) ? stages.sourcesOf(instruction) : [];
      from.flatMap((stage) => stages.instructions(stage)).flatMap(familiesBehind).forEach((family) => before.add(family));
      const installer = installsOf(instruction, context).find(({ family }) => !before.has(family));
      if (installer) {
        this.installers.set(instruction, installer);
      }
      familiesBehind(instruction).forEach((family) => before.add(family));
    }
  }

  public beforeInstall(): CopyBeforeRun | undefined {
    for (const [run, installer] of this.installers) {
      const copy = this.sourceBefore(run);
      if (copy && (installer.isNamed || !this.isPrepared(copy.copy))) {
        return { ...copy, run, installer };
      }
    }
    return undefined;
  }

  /** The last step, if it only changes owners and modes of what was copied before it. */
  public beforePermissions(): CopyBeforeRun | undefined {
    const runs = this.instructions.filter(({ keyword }) => keyword === 'RUN');
    const run = runs[runs.length - 1];
    const copies = run && this.between(runs[runs.length - 2], run).filter((one) => isOfBuild(this.stages, one));
    return copies?.length && isOfPermissions(run) ? { copy: copies[copies.length - 1], run } : undefined;
  }

  public beforeRun(): CopyBeforeRun | undefined {
    for (const run of this.instructions.filter((one) => one.keyword === 'RUN' && !isInstallation(one))) {
      const copy = this.sourceBefore(run);
      if (copy) {
        return { ...copy, run };
      }
    }
    return undefined;
  }

  /** Of directories with code, only those count after which nothing more is copied: others are chosen for the step. */
  private sourceBefore(run: StageInstruction): { readonly copy: StageInstruction; readonly source: CopiedSource } | undefined {
    const isLast = !this.between(run).some((one) => isOfBuild(this.stages, one));
    const found = this.between(undefined, run).filter((one) => isOfBuild(this.stages, one))
      .map((copy) => ({ copy, source: copiedSource(this.stages, copy, this.context) }));
    return found.flatMap(({ copy, source }) => source && (source !== 'directory' || isLast) ? { copy, source } : []).pop();
  }

  /** Whether something was done with files of the context before a copy: it may have been the installation, in a way that is not known here. */
  private isPrepared(copy: StageInstruction): boolean {
    const before = this.between(undefined, copy);
    const first = before.findIndex((one) => isOfBuild(this.stages, one));
    return first >= 0 && before.slice(first).some(mayInstall);
  }

  private between(start?: StageInstruction, end?: StageInstruction): readonly StageInstruction[] {
    return this.instructions.slice(start ? this.instructions.indexOf(start) + 1 : 0, end && this.instructions.indexOf(end));
  }
}

function isOfPermissions(run: StageInstruction): boolean {
  const commands = commandsOf(run).filter((command) => command !== '' && !/^(set|true|:)( |$)/.test(command));
  return commands.length > 0 && commands.every((command) => /^(chmod|chown|chgrp) /.test(command));
}
