import { BuildInputs, StageInputs } from './build-inputs';
import { DockerfileStage } from '../../lib/dockerfile/dockerfile';

/** The stage of the last build with the same name, or as far from the end. */
export function sameStage({ name, index }: Pick<DockerfileStage, 'name' | 'index'>, now: BuildInputs, { stages }: BuildInputs): StageInputs | undefined {
  return name === undefined ? stages[index - now.stages.length + stages.length] : stages.find((other) => other.name === name);
}
