import { FROM } from './copies-alone';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';

/** A Dockerfile that makes the image which the stage of an instruction starts from in the end; undefined where that is none, or may be none. */
export function baseAlone(dockerfile: Dockerfile, instruction: DockerfileInstruction): string | undefined {
  const { content, stages } = dockerfile;
  let stage = stages.find(({ instructions }) => instructions.includes(instruction));
  for (let below = stage; below; below = dockerfile.stageBefore(below, below.base, { byIndex: false })) stage = below;
  if (!stage || stage.base.toLowerCase() === 'scratch' || (stage.index > 0 && stage.base.includes('$'))) return undefined;
  const lines = content.split('\n');
  const before = lines.slice(0, lines.findIndex((line) => FROM.test(line))); // the arguments that a FROM may name
  return [...before, `FROM ${stage.platform === undefined ? '' : `--platform=${stage.platform} `}${stage.base}`, ''].join('\n');
}
