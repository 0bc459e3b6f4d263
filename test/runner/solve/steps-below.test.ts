import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { copiesAfterLastRun } from '../../../runner/links/trailing-copies';
import { hasRun, linesOf, stepsBefore, stepsBelow } from '../../../runner/solve/steps-below';

/** The names of the steps that are below the copies behind the last RUN. */
function below(dockerfile: readonly string[], names: readonly string[], target?: string): string[] {
  const parsed = Dockerfile.parse(dockerfile.join('\n'));
  const first = copiesAfterLastRun(parsed, target)[0]?.instruction;
  return stepsBelow(names.map((name) => ({ name, isCached: false })), parsed, first).map(({ name }) => name);
}

test('the copies of a single stage are its last steps', () => {
  const dockerfile = ['FROM a', 'WORKDIR /x', 'RUN make', 'COPY a .', 'ENV A=b', 'WORKDIR /y', 'ADD b .', 'CMD x'];
  expect(below(dockerfile, ['[1/6] FROM a', '[2/6] WORKDIR /x', '[3/6] RUN make', '[4/6] COPY a .', '[5/6] WORKDIR /y', '[6/6] ADD b .'])).toEqual(['[1/6] FROM a', '[2/6] WORKDIR /x', '[3/6] RUN make']);
});

test('the steps of other stages are below', () => {
  const dockerfile = ['FROM a AS build', 'RUN make', 'COPY a .', 'FROM b', 'RUN x', 'COPY b .'];
  expect(below(dockerfile, ['[build 2/3] RUN make', '[build 3/3] COPY a .', '[stage-1 2/3] RUN x', '[stage-1 3/3] COPY b .'])).toEqual(['[build 2/3] RUN make', '[build 3/3] COPY a .', '[stage-1 2/3] RUN x']);
});

test('the stage that is built may have a name, or be the target', () => {
  const dockerfile = ['FROM a AS build', 'RUN make', 'COPY a .', 'FROM build AS Final', 'COPY b .'];
  expect(below(dockerfile, ['[build 2/3] RUN make', '[build 3/3] COPY a .', '[final 1/1] COPY b .'])).toEqual(['[build 2/3] RUN make', '[build 3/3] COPY a .']);
  expect(below(dockerfile, ['[build 2/3] RUN make', '[build 3/3] COPY a .'], 'build')).toEqual(['[build 2/3] RUN make']);
});

test('a stage with a name that is the only one may have it in its steps, or not', () => {
  expect(below(['FROM a AS x', 'RUN make', 'COPY a .'], ['[x 2/3] RUN make', '[x 3/3] COPY a .', '[2/3] RUN make', '[3/3] COPY a .'])).toEqual(['[x 2/3] RUN make', '[2/3] RUN make']);
});

test('steps may be of a platform', () => {
  expect(below(['FROM a', 'RUN make', 'COPY a .'], ['[linux/amd64 2/3] RUN make', '[linux/amd64 3/3] COPY a .'])).toEqual(['[linux/amd64 2/3] RUN make']);
  expect(below(['FROM a', 'FROM b', 'RUN make', 'COPY a .'], ['[linux/arm64/v8 stage-1 2/3] RUN make', '[linux/arm64/v8 stage-1 3/3] COPY a .'])).toEqual(['[linux/arm64/v8 stage-1 2/3] RUN make']);
});

test('numbers of stages with ten steps and more have spaces before them', () => {
  const dockerfile = ['FROM a', ...Array.from({ length: 7 }, () => 'RUN make'), 'COPY a .', 'COPY b .'];
  expect(below(dockerfile, ['[ 7/10] RUN make', '[ 8/10] RUN make', '[ 9/10] COPY a .', '[10/10] COPY b .'])).toEqual(['[ 7/10] RUN make', '[ 8/10] RUN make']);
  expect(below(['FROM z', ...dockerfile], ['[stage-1  7/10] RUN make', '[stage-1  9/10] COPY a .', '[stage-1 10/10] COPY b .'])).toEqual(['[stage-1  7/10] RUN make']);
});

test('steps that the base image brings are before those of the Dockerfile', () => {
  expect(below(['FROM a', 'RUN make', 'COPY a .'], ['[2/4] RUN of the base', '[3/4] RUN make', '[4/4] COPY a .'])).toEqual(['[2/4] RUN of the base', '[3/4] RUN make']);
});

test('a step in brackets of its own is that of its number', () => {
  expect(below(['FROM a', 'RUN [x]', 'COPY a .'], ['[2/3] RUN [3/3] x', '[3/3] COPY [2/3] .'])).toEqual(['[2/3] RUN [3/3] x']);
});

test('all are below where nothing is copied, or nothing is understood', () => {
  const names = ['[2/2] RUN make', '[internal] load metadata', 'something else'];
  expect(below(['FROM a', 'RUN make'], names)).toEqual(names);
  expect(below(['FROM a', 'COPY a .', 'RUN make'], names)).toEqual(names);
  expect(below(['# syntax=example/frontend', 'FROM a', 'RUN make'], names)).toEqual(names);
  expect(below(['FROM a', 'COPY a .'], names, 'nowhere')).toEqual(names);
});

test('an instruction has run where its own step has', () => {
  const dockerfile = Dockerfile.parse(['FROM a AS build', 'RUN make', 'FROM b', 'COPY a .', 'ENV A=b', 'COPY b .'].join('\n'));
  const [first, , second] = dockerfile.stages[1].instructions;
  const steps = ['[build 2/2] RUN make', '[stage-1 2/3] COPY a .', '[stage-1 3/3] COPY b .'].map((name, index) => ({ name, isCached: index !== 1 }));
  expect([first, second].map((instruction) => hasRun(steps, dockerfile, instruction))).toEqual([true, false]);
  expect(hasRun([], dockerfile, first)).toBe(false);
});

test('the steps before an instruction are those of its own stage', () => {
  const dockerfile = Dockerfile.parse(['FROM a AS build', 'RUN make', 'FROM b', 'ENV A=b', 'WORKDIR /x', 'RUN make', 'COPY a .', 'COPY b .'].join('\n'));
  const [, , , first, second] = dockerfile.stages[1].instructions;
  expect([first, second].map((instruction) => stepsBefore(dockerfile, instruction))).toEqual([2, 3]);
});

test('on a further context, the steps have the numbers of those before them', () => {
  const parsed = Dockerfile.parse('FROM Shared AS final\nRUN make\nCOPY a .', { contexts: ['shared'] });
  const [first] = copiesAfterLastRun(parsed);
  const names = ['[final 1/3] RUN make', '[final 2/3] COPY a .'];
  expect(stepsBelow(names.map((name) => ({ name, isCached: false })), parsed, first.instruction).map(({ name }) => name)).toEqual(names.slice(0, 1));
});

describe('the lines of steps', () => {
  const lines = (dockerfile: readonly string[], names: readonly string[]) => (
    [...linesOf(names.map((name) => ({ name, isCached: false })), Dockerfile.parse(dockerfile.join('\n')))].map(([, line]) => line));
  const DOCKERFILE = ['FROM a', 'COPY requirements.txt ./', 'RUN pip  install', 'COPY src ./'];

  test('are those of their numbers', () => {
    expect(lines(DOCKERFILE, ['[2/4] COPY requirements.txt ./', '[3/4] RUN pip install', '[4/4] COPY src ./'])).toEqual([2, 3, 4]);
  });

  test('are those of their texts where another image, which has the same steps and fewer, counts them', () => {
    expect(lines(DOCKERFILE, ['[2/3] COPY requirements.txt ./', '[3/3] RUN pip install', '[4/4] COPY src ./'])).toEqual([2, 3, 4]);
  });

  test('are those of their numbers where a text is there twice, or has variables', () => {
    expect(lines(['FROM a', 'RUN x', 'RUN x', 'RUN echo $Y'], ['[2/4] RUN x', '[3/4] RUN x', '[4/4] RUN echo z'])).toEqual([2, 3, 4]);
  });

  test('are none of those that the base image brings', () => {
    expect(lines(['FROM a', 'RUN x'], ['[2/3] RUN x', '[3/3] RUN x'])).toEqual([2]);
  });
});
