import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { baseAlone } from '../../../runner/links/base-alone';

/** For the last instruction. */
function alone(...lines: readonly string[]): string | undefined {
  const dockerfile = Dockerfile.parse(lines.join('\n'));
  return baseAlone(dockerfile, dockerfile.stages.at(-1)!.instructions.at(-1)!);
}

test('the image that the stage starts from stays, with what it may refer to', () => {
  const before = ['# syntax=docker/dockerfile:1', 'ARG VERSION=3', '', '# why'];
  expect(alone(...before, 'FROM --platform=$TARGETPLATFORM python:$VERSION AS app', 'RUN make', 'COPY a b')).toBe(
    [...before, 'FROM --platform=$TARGETPLATFORM python:$VERSION', ''].join('\n'));
});

test('a stage that starts from others starts from the image of the first one', () => {
  expect(alone('from a as One', 'RUN x', 'FROM one AS two', 'RUN y', 'FROM b AS other', 'FROM TWO', 'COPY a b')).toBe('FROM a\n');
  expect(alone('FROM a AS b', 'RUN x', 'FROM c', 'COPY a b')).toBe('FROM c\n');
});

test.each([
  ['there is no image', ['FROM scratch', 'COPY a b']],
  ['stages start from none', ['FROM scratch AS a', 'COPY a b', 'FROM a', 'COPY a b']],
  ['a variable may be the name of a stage', ['FROM a AS b', 'FROM $WHAT', 'COPY a b']],
])('nothing is left where %s', (_, lines) => {
  expect(alone(...lines)).toBeUndefined();
});
