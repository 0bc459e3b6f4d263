import { Annotations } from 'aws-cdk-lib';
import { BuilderRequest } from './builder-check';
import { DockerfileInstruction } from './dockerfile-instruction';

/** What kaniko would do with a mount, by its type. Those that are not here it does well. */
const MOUNTS: { [type: string]: string } = {
  secret: 'kaniko runs all steps in one container, where a secret is a file that each of them can read, whether it mounts the secret or not',
  ssh: 'kaniko has no SSH agent for a step, and passes over the mount',
  tmpfs: 'kaniko passes over the mount, so what the step leaves there would be in the image',
};

/** Flags that kaniko passes over. */
const FLAGS: { [keyword: string]: string[] } = {
  ADD: ['checksum', 'exclude', 'keep-git-dir', 'unpack'],
  COPY: ['exclude', 'parents'],
  RUN: ['device', 'network', 'security'],
};

/**
 * Raises an error for what kaniko cannot do, and mostly says nothing about. Of a Dockerfile in a source nothing is known here; the build checks
 * that one, see `kaniko-arguments.sh`.
 */
export function checkKanikoDockerfile({ step, image }: BuilderRequest): void {
  const dockerfile = image._dockerfile;
  if (!dockerfile) {
    return;
  }
  const remedy = 'use DockerBuilder.buildKit() for this image';
  if (!dockerfile.isKnown) {
    throw new Error(`'${step}': the Dockerfile of '${image.node.path}' is for another frontend, or written in a way that is not understood here, and DockerBuilder.kaniko() has no frontends; ${remedy}`);
  }
  const target = dockerfile.stage(image._target)!;
  if (image._target !== undefined && target.name !== image._target.toLowerCase()) {
    throw new Error(`'${step}': DockerBuilder.kaniko() finds a target by its name only, got ${JSON.stringify(image._target)}; give that stage of '${image.node.path}' a name, with FROM ... AS <name>`);
  }
  // A stage behind the target has no part in the image.
  const stages = dockerfile.stages.slice(0, target.index + 1);
  for (const stage of stages) {
    for (const instruction of stage.instructions) {
      const reason = whyNot(instruction, (name) => dockerfile.stageBefore(stage, name, { byIndex: true }) !== undefined);
      if (reason) {
        throw new Error(`'${step}': DockerBuilder.kaniko() cannot do ${reason.what} in line ${instruction.line} of the Dockerfile of '${image.node.path}': ${reason.why}; ${remedy}`);
      }
    }
  }
  const linked = stages.flatMap(({ instructions }) => instructions).filter(({ flags }) => flags.some(({ name, value }) => name === 'link' && value !== 'false')).map(({ line }) => line);
  if (linked.length > 0) {
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:kanikoLink',
      `step '${step}': DockerBuilder.kaniko() knows no linked copies, and copies line ${linked.join(', ')} like any other; leave out linkCopies or --link, or ${remedy}`);
  }
}

interface Reason {
  readonly what: string;
  readonly why: string;
}

function whyNot({ keyword, flags, words }: DockerfileInstruction, isStage: (name: string) => boolean): Reason | undefined {
  for (const { name, value } of flags) {
    if (FLAGS[keyword]?.includes(name)) {
      return { what: `${keyword} --${name}`, why: 'it passes over that flag' };
    }
    if (keyword === 'COPY' && name === 'from' && isStage(value) && words.slice(0, -1).some((source) => /^[./]*$/.test(source))) {
      return { what: 'COPY of all files of another stage', why: 'it would take those of the build with them, since all are in one container' };
    }
    if (keyword !== 'RUN' || name !== 'mount') {
      continue;
    }
    const type = /(?:^|,)type=([^,]+)/.exec(value)?.[1] ?? 'bind';
    if (type in MOUNTS) {
      return { what: `RUN --mount=type=${type}`, why: MOUNTS[type] };
    }
    if (type === 'bind' && /(^|,)from=/.test(value)) {
      return { what: 'RUN --mount with another stage or image', why: 'kaniko leaves that mount out' };
    }
  }
  if (keyword === 'ADD' && words.slice(0, -1).some((source) => /^git@|^[a-z+]+:\/\/.*\.git(#|\?|$)/.test(source))) {
    return { what: 'ADD of a Git repository', why: 'it would download a page instead' };
  }
  return undefined;
}
