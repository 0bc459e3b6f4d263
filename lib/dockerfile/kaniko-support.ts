import { Dockerfile, DockerfileStage } from './dockerfile';
import { DockerfileInstruction, splitFlags, splitWords } from './dockerfile-instruction';

/** What an image is built from, besides its Dockerfile. */
export interface KanikoRequest {
  /** The name of the image, for messages. */
  readonly image: string;
  readonly target?: string;
  readonly platform: string;
  readonly buildArgs: { readonly [name: string]: string };
}

/** What kaniko makes of a Dockerfile. Messages say what to do about it. */
export interface KanikoSupport {
  /** Why kaniko cannot build it, in the order of the Dockerfile; empty if it can. kaniko itself ignores most of this silently. */
  readonly obstacles: readonly string[];
  /** What it builds in another way, which may be right or not. */
  readonly differences: readonly KanikoDifference[];
}

export interface KanikoDifference {
  readonly id: 'kanikoDownload' | 'kanikoLink' | 'kanikoVolume';
  readonly message: string;
}

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

/** Here-documents with nothing to hand them to. */
const SCRIPT = /^(\d*<<-?(["']?)[\w.-]+\2\s*)+$/;

/** Files that `ADD` unpacks. */
const ARCHIVE = /\.(tar(\.\w+)?|t[bgx]z2?)$/;

const REMEDY = 'use DockerBuilder.buildkit() for this image';

/** Whether kaniko builds a Dockerfile as BuildKit does: asked at synthesis, and by the build for a Dockerfile that comes with a source. */
export function kanikoSupport(dockerfile: Dockerfile, request: KanikoRequest): KanikoSupport {
  const { image, target } = request;
  if (!dockerfile.isKnown) {
    return unsupported(`the Dockerfile of '${image}' is for another frontend, or written in a way that is not understood here, and DockerBuilder.kaniko() has no frontends; ${REMEDY}`);
  }
  const last = dockerfile.stage(target);
  if (!last) {
    return unsupported(`the Dockerfile of '${image}' has no stage ${JSON.stringify(target)}; give the property 'target' the name of one`);
  }
  if (target !== undefined && last.name !== target.toLowerCase()) {
    return unsupported(`DockerBuilder.kaniko() finds a target by its name only, got ${JSON.stringify(target)}; give that stage of '${image}' a name, with FROM ... AS <name>`);
  }
  // A stage after the target has no part in the image.
  const stages = dockerfile.stages.slice(0, last.index + 1);
  return {
    obstacles: stages.flatMap((stage) => [...stageObstacles(dockerfile, stage, request), ...instructionObstacles(dockerfile, stage, request)]),
    differences: differences(stages),
  };
}

function unsupported(obstacle: string): KanikoSupport {
  return { obstacles: [obstacle], differences: [] };
}

/** Why a stage would begin with something else. */
function stageObstacles(dockerfile: Dockerfile, stage: DockerfileStage, { image, platform, buildArgs }: KanikoRequest): string[] {
  const where = `of the Dockerfile of '${image}'`;
  const obstacles: string[] = [];
  if (stage.platform && !stage.platform.includes('$') && stage.platform !== platform) {
    obstacles.push(`DockerBuilder.kaniko() passes over FROM --platform=${stage.platform} ${where}, and takes ${platform}; ${REMEDY}`);
  }
  const empty = [...stage.base.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name).find((name) => buildArgs[name] === '');
  if (empty) {
    obstacles.push(`DockerBuilder.kaniko() takes the default of ${empty} in FROM ${stage.base} ${where} when its build argument is empty; ${REMEDY}`);
  }
  const base = dockerfile.stageBefore(stage, stage.base, { byIndex: false });
  if (base && has(stage, 'ENTRYPOINT') && !has(stage, 'CMD') && has(base, 'CMD')) {
    obstacles.push(`DockerBuilder.kaniko() may keep the CMD of the stage '${stage.base}' ${where} after the ENTRYPOINT of the next one, where others drop it; give that one a CMD, or ${REMEDY}`);
  }
  return obstacles;
}

function has({ instructions }: DockerfileStage, keyword: string): boolean {
  return instructions.some((instruction) => instruction.keyword === keyword);
}

function instructionObstacles(dockerfile: Dockerfile, stage: DockerfileStage, { image }: KanikoRequest): string[] {
  const isStage = (name: string) => dockerfile.stageBefore(stage, name, { byIndex: true }) !== undefined;
  return stage.instructions.flatMap((instruction) => {
    const reason = whyNot(triggered(instruction), isStage);
    return reason ? [`DockerBuilder.kaniko() cannot do ${reason.what} in line ${instruction.line} of the Dockerfile of '${image}': ${reason.why}; ${REMEDY}`] : [];
  });
}

function differences(stages: readonly DockerfileStage[]): KanikoDifference[] {
  const instructions = stages.flatMap((stage) => stage.instructions);
  const difference = (id: KanikoDifference['id'], found: DockerfileInstruction[], message: (lines: string) => string): KanikoDifference[] => found.length === 0 ? []
    : [{ id, message: `${message(found.map(({ line }) => line).join(', '))}, or ${REMEDY}` }];
  return [
    ...difference('kanikoVolume', stages.flatMap((stage) => stage.instructions.filter(({ keyword }, index) => keyword === 'VOLUME'
      && stage.instructions.slice(index + 1).some((later) => ['ADD', 'COPY', 'RUN'].includes(later.keyword)))),
    (lines) => `with DockerBuilder.kaniko(), what later steps put into the volumes of line ${lines} is not in the image; put VOLUME after them`),
    ...difference('kanikoDownload', instructions.filter(({ keyword, words }) => keyword === 'ADD' && words.some((source) => /^https?:/.test(source))),
      (lines) => `with DockerBuilder.kaniko(), what ADD in line ${lines} downloads comes from the layer cache, whatever its address gives later; name a version in it`),
    ...difference('kanikoLink', instructions.filter(({ flags }) => flags.some(({ name, value }) => name === 'link' && value !== 'false')),
      (lines) => `DockerBuilder.kaniko() knows no linked copies, and copies line ${lines} like any other; leave out --link`),
  ];
}

/** What `ONBUILD` asks for in an image that is built from this one, which may be the next stage. */
function triggered(instruction: DockerfileInstruction): DockerfileInstruction {
  const trigger = instruction.keyword === 'ONBUILD' ? /^(\w+)\s+(.*)$/s.exec(instruction.rest) : undefined;
  if (!trigger) {
    return instruction;
  }
  const { flags, rest } = splitFlags(trigger[2]);
  return { ...instruction, keyword: trigger[1].toUpperCase(), flags, rest, ...splitWords(rest) };
}

interface Reason {
  readonly what: string;
  readonly why: string;
}

function whyNot({ keyword, flags, rest, words }: DockerfileInstruction, isStage: (name: string) => boolean): Reason | undefined {
  for (const { name, value: written } of flags) {
    const value = name === 'mount' ? written.toLowerCase() : written; // as BuildKit reads its keys and types
    if (FLAGS[keyword]?.includes(name)) {
      return { what: `${keyword} --${name}`, why: 'it passes over that flag' };
    }
    if (keyword === 'COPY' && name === 'from' && isStage(value) && words.slice(0, -1).some((source) => /^[./*]*$/.test(source))) {
      return { what: 'COPY of all files of another stage', why: 'it would take those of the build with them, since all are in one container' };
    }
    if (keyword !== 'RUN' || name !== 'mount') {
      continue;
    }
    const type = /(?:^|,)type=([^,]+)/.exec(value)?.[1] ?? 'bind';
    const target = /(?:^|,)(?:target|dst|destination)=([^,]+)/.exec(value)?.[1];
    if (target !== undefined && !/^["']?[/$]/.test(target)) {
      return { what: 'RUN --mount with a relative target', why: 'kaniko takes it from / and not from the WORKDIR; begin it with a slash' };
    }
    if (type in MOUNTS) {
      return { what: `RUN --mount=type=${type}`, why: MOUNTS[type] };
    }
    if (['bind', 'cache'].includes(type) && /(^|,)from=/.test(value)) {
      return { what: 'RUN --mount with another stage or image', why: type === 'cache' ? 'kaniko gives it an empty cache' : 'kaniko leaves that mount out' };
    }
  }
  if (keyword === 'RUN' && SCRIPT.test(rest)) {
    return { what: 'RUN of nothing but a here-document', why: 'its shell would expand it before sh gets it, and pass over one with quotes or a dash; give it to a program, as in RUN sh <<\'EOF\'' };
  }
  if (keyword === 'ADD' && flags.some(({ name }) => name === 'chown') && words.slice(0, -1).some((source) => ARCHIVE.test(source) && !/^\w+:\/\//.test(source))) {
    return { what: 'ADD --chown of an archive', why: 'it leaves the files to the owners in the archive' };
  }
  if (keyword === 'ADD' && words.slice(0, -1).some((source) => /^git@|^[a-z+]+:\/\/.*\.git(#|\?|$)/.test(source))) {
    return { what: 'ADD of a Git repository', why: 'it would download a page instead' };
  }
  return undefined;
}
