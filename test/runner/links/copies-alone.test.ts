import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { copiesAlone } from '../../../runner/links/copies-alone';

/** The lines behind the last FROM scratch, for the copies that begin at these lines. */
function alone(lines: readonly string[], ...at: readonly number[]): string[] {
  const dockerfile = Dockerfile.parse(lines.join('\n'));
  const stage = dockerfile.stages.find(({ instructions }) => instructions.some(({ line }) => line === at[0]))!;
  const text = copiesAlone(dockerfile, stage, stage.instructions.filter(({ line }) => at.includes(line))).split('\n');
  const from = text.lastIndexOf('FROM scratch');
  expect(text.slice(0, from)).toEqual(lines.slice(0, at[0] - 1));
  return text.slice(from + 1, -1);
}

test('copies keep what they may refer to, and nothing that would make other layers', () => {
  const lines = ['ARG G=1', 'FROM a AS build', 'RUN make', 'FROM b', 'ARG G', 'ENV A=b', 'USER node', 'WORKDIR /app', 'RUN x', 'COPY --link --from=build /x .', 'CMD y', 'ENV C=d', 'COPY --link y $C'];
  expect(alone(lines, 10, 13)).toEqual(['ARG G', 'ENV A=b', 'WORKDIR /app', 'COPY --link --from=build /x .', 'ENV C=d', 'COPY --link y $C']);
  expect(alone(lines, 13)).toEqual(['ARG G', 'ENV A=b', 'WORKDIR /app', 'ENV C=d', 'COPY --link y $C']);
});

test('copies may have several lines, comments and here-documents', () => {
  const lines = ['FROM a', 'COPY --link \\', '  # why', '  a \\', '  /b', '# next', 'COPY --link <<EOF /c', 'text', 'EOF', 'CMD x'];
  expect(alone(lines, 2, 7)).toEqual(lines.slice(1, 9));
});

test('what comes after the stage stays out', () => {
  expect(alone(['FROM a AS x', 'COPY --link a /', '', 'from x', 'CMD y'], 2)).toEqual(['COPY --link a /', '']);
});
