import { Dockerfile, DockerfileStage } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';

/** What copies may refer to. */
const CONTEXT = ['ARG', 'ENV', 'WORKDIR'];

/**
 * A Dockerfile that makes the layers of linked copies and no others, so that they can be read without those below. Where a copy refers to what only the layers
 * below say, it makes another layer, or none.
 */
export function copiesAlone(dockerfile: Dockerfile, stage: DockerfileStage, copies: readonly DockerfileInstruction[]): string {
  const lines = dockerfile.content.split('\n');
  const textOf = (instruction: DockerfileInstruction) => {
    const next = stage.instructions[stage.instructions.indexOf(instruction) + 1] as DockerfileInstruction | undefined;
    const text = lines.slice(instruction.line - 1, next && next.line - 1);
    const end = text.findIndex((line) => FROM.test(line));
    return end < 0 ? text : text.slice(0, end);
  };
  const kept = stage.instructions.filter((instruction) => CONTEXT.includes(instruction.keyword) || copies.includes(instruction));
  // The stage itself is not built, since nothing refers to it.
  return [...lines.slice(0, copies[0].line - 1), 'FROM scratch', ...kept.flatMap(textOf), ''].join('\n');
}

/** The first line of a stage. */
export const FROM = /^\s*FROM\s/i;
