import { BuiltStages } from './built-stages';
import { DockerfileStage } from './dockerfile';

/** A stage that is fixed to another platform than the image. */
export interface ForeignPlatform {
  readonly stage: DockerfileStage;
  readonly platform: string;
  /** Whether the image itself is of that platform; else, a stage that it takes files from. */
  readonly isOfImage: boolean;
}

/** The stages of other platforms, among those that become the image or run something. */
export function foreignPlatforms(stages: BuiltStages, platform: string): ForeignPlatform[] {
  const [root] = stages.target ? stages.ancestry(stages.target) : [];
  return stages.used.flatMap((stage) => {
    const [base] = stages.ancestry(stage);
    const written = base.platform && stages.ofFrom(base.platform);
    const isOfImage = stage === root;
    const isForeign = written && knownPlatform(written) !== undefined && knownPlatform(written) !== knownPlatform(platform);
    return isForeign && stage === base && (isOfImage || runs(stages, stage)) ? { stage, platform: written, isOfImage } : [];
  });
}

/** A stage of another platform can hand on files and compile for others, but what it runs has to be emulated. */
function runs(stages: BuiltStages, base: DockerfileStage): boolean {
  return stages.used.some((stage) => stages.ancestry(stage)[0] === base && stage.instructions.some(({ keyword }) => keyword === 'RUN'));
}

const ARCHITECTURES: { readonly [name: string]: string } = { 'amd64': 'amd64', 'x86_64': 'amd64', 'x86-64': 'amd64', 'arm64': 'arm64', 'aarch64': 'arm64' };

/** `linux/amd64` or `linux/arm64`, however it is written. */
function knownPlatform(platform: string): string | undefined {
  const [, architecture] = /^(?:linux\/)?([\w-]+)(?:\/v8)?$/.exec(platform.toLowerCase()) ?? [];
  const known = ARCHITECTURES[architecture];
  return known && `linux/${known}`;
}
