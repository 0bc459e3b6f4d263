import { posix } from 'path';
import { baseImage, PathState } from './base-image';
import { CopySource, copySource } from './copy-source';
import { CopySources } from './copy-sources';
import { Dockerfile, DockerfileStage } from './dockerfile';
import { DockerfileInstruction } from './dockerfile-instruction';
import { DockerfileVariables } from './dockerfile-variables';
import { ImageTree } from './image-tree';
import { applyRun } from './run-effects';

/** What a build is given besides the Dockerfile. */
export interface StageOptions {
  readonly buildArgs?: { readonly [name: string]: string };
  /** Names of named contexts: they take the place of images and stages. */
  readonly buildContexts?: readonly string[];
  /** The build context, where it is known. */
  readonly context?: CopySources;
}

/** What is known of an image at some point of its Dockerfile. */
export class StageState {
  /** At the first instruction of a stage. */
  public static at(dockerfile: Dockerfile, stage: DockerfileStage, options: StageOptions): StageState {
    const variables = new DockerfileVariables(dockerfile, options.buildArgs ?? {});
    const name = variables.image(stage.base);
    const parent = name === undefined ? undefined : dockerfile.stageBefore(stage, name, { byIndex: false });
    const replaced = isReplaced(options, name) || isReplaced(options, stage.name);
    if (parent && !replaced) {
      const state = StageState.after(dockerfile, parent, options);
      if (parent.instructions.some(({ keyword }) => keyword === 'ONBUILD')) {
        state.tree.lose(`the stage '${name}' has ONBUILD instructions`);
      }
      return new StageState(dockerfile, stage, options, state.tree, state.variables.inherit(dockerfile), state.workingDirectory, state.isRoots, true);
    }
    const base = name === undefined || replaced ? undefined : baseImage(name);
    const tree = new ImageTree(base ?? { isRoots: false, environment: {}, state: () => 'unknown' }, `the base image ${name}`);
    if (!base) {
      tree.lose(replaced ? `a named context takes the place of ${name}` : `nothing is known of the directories of the base image ${name ?? stage.base}`);
    }
    Object.entries(base?.environment ?? {}).forEach(([variable, value]) => variables.define(variable, value));
    return new StageState(dockerfile, stage, options, tree, variables, base?.workingDirectory, base?.isRoots ?? false, name !== 'scratch');
  }

  /** At the end of a stage. */
  public static after(dockerfile: Dockerfile, stage: DockerfileStage, options: StageOptions): StageState {
    const state = StageState.at(dockerfile, stage, options);
    stage.instructions.forEach((instruction) => state.apply(instruction));
    return state;
  }

  private constructor(
    private readonly dockerfile: Dockerfile,
    private readonly stage: DockerfileStage,
    private readonly options: StageOptions,
    public readonly tree: ImageTree,
    public readonly variables: DockerfileVariables,
    /** Where relative paths start, if that is known. */
    public workingDirectory: string | undefined,
    private isRoots: boolean,
    /** Whether there is something below that would have to be downloaded. */
    public hasLayers: boolean,
  ) {}

  /** Notes what an instruction does. */
  public apply(instruction: DockerfileInstruction): void {
    const { keyword, words, line } = instruction;
    switch (keyword) {
      case 'ARG':
      case 'ENV':
        return this.variables.declare(instruction);
      case 'USER': {
        this.isRoots = ['root', '0', 'root:root', '0:0'].includes(words[0]);
        return;
      }
      case 'WORKDIR': {
        this.workingDirectory = this.path(instruction.rest);
        this.hasLayers = true;
        const why = this.isRoots ? undefined : `the WORKDIR in line ${line} may make it for another user than root`;
        return this.workingDirectory === undefined
          ? this.tree.lose(`where the WORKDIR in line ${line} is, is not known`)
          : this.tree.makeDirectory(this.workingDirectory, why);
      }
      case 'SHELL':
        return /(^|\/)(ash|bash|dash|sh)$/.test(words[0]) ? undefined : this.tree.lose(`the SHELL of line ${line} is not known`);
      case 'RUN':
        this.hasLayers = true;
        return applyRun(instruction, {
          tree: this.tree,
          workingDirectory: this.workingDirectory,
          isRoots: this.isRoots,
          resolve: (text) => this.variables.resolve(text),
        });
      case 'COPY':
      case 'ADD':
        this.hasLayers = true;
        return this.applyCopy(instruction);
    }
  }

  /** An absolute path without dots and without a slash at its end, if it can be told. */
  public path(text: string): string | undefined {
    const resolved = this.variables.resolve(text);
    if (resolved === undefined || !/^[\w .@+~/-]+$/.test(resolved) || resolved.split('/').includes('..')) {
      return undefined;
    }
    if (!resolved.startsWith('/') && this.workingDirectory === undefined) {
      return undefined;
    }
    const path = posix.resolve(this.workingDirectory ?? '/', resolved);
    return path.length > 1 ? path.replace(/\/$/, '') : path;
  }

  /** What a copy copies. */
  public sourceOf(copy: DockerfileInstruction): CopySource {
    const words = copy.words.map((word) => this.variables.resolve(word) ?? word);
    return copySource({ ...copy, words }, { context: this.options.context, stagePath: (name, path) => this.stagePath(name, path) });
  }

  private stagePath(name: string, path: string): PathState {
    const stage = this.dockerfile.stageBefore(this.stage, name, { byIndex: true });
    return stage && !isReplaced(this.options, name) ? StageState.after(this.dockerfile, stage, this.options).tree.at(path).state : 'unknown';
  }

  private applyCopy(copy: DockerfileInstruction): void {
    const { flags, words, line, keyword } = copy;
    const written = words[words.length - 1];
    const destination = this.path(written);
    if (destination === undefined) {
      return this.tree.lose(`the destination of the ${keyword} in line ${line} is not known`);
    }
    const isUsual = flags.every(({ name, value }) => (name !== 'chown' || isRoot(value)) && (name !== 'chmod' || /^0?755$/.test(value)) && name !== 'parents');
    const unusual = isUsual ? undefined : `the ${keyword} in line ${line} may have made it with another owner or mode`;
    const why = `the ${keyword} in line ${line} may have put something else there`;
    const source = this.sourceOf(copy);
    const isSelection = flags.some(({ name }) => name === 'exclude');
    const isDirectory = isDirectoryPath(this.variables.resolve(written)!) || ['directory', 'perhaps'].includes(this.tree.at(destination).state)
      || source.kind === 'directory';
    if (destination === '/' && source.kind !== 'file') {
      return this.tree.lose(why); // it may have brought any directory
    }
    this.tree.makeDirectory(isDirectory ? destination : posix.dirname(destination), unusual);
    if (isDirectory) {
      this.tree.fill(destination, (path) => {
        const state = source.below(path);
        if (state === undefined) {
          return undefined;
        }
        return state === 'unknown' || !isUsual ? { state: 'unknown', why } : { state: state === 'directory' && isSelection ? 'perhaps' : state };
      });
    } else if (source.kind === 'file' && ['absent', 'file'].includes(this.tree.at(destination).state)) {
      this.tree.makeFile(destination);
    } else {
      this.tree.disturb(destination, why);
    }
  }
}

/** Whether a destination is a directory by how it is written. */
export function isDirectoryPath(destination: string): boolean {
  return destination === '.' || destination.endsWith('/');
}

function isReplaced({ buildContexts }: StageOptions, name: string | undefined): boolean {
  return name !== undefined && (buildContexts ?? []).some((context) => name.toLowerCase().includes(context.toLowerCase()));
}

/** Whether a value of `--chown` means root without asking the image. */
export function isRoot(owner: string): boolean {
  return /^(root|0)(:(root|0))?$/.test(owner);
}
