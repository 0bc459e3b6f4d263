import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { isOverridden } from '../../../runner/links/owner-variables';
import { trailingCopies } from '../../../runner/links/trailing-copies';

function copyOf(lines: readonly string[], buildArgs = {}) {
  return trailingCopies(Dockerfile.parse(lines.join('\n'), { buildArgs }), undefined, buildArgs).copies[0];
}

test.each<[string, readonly string[], string, object]>([
  ['an ARG of the stage', ['FROM a', 'ARG U=app', 'COPY --chown=$U:${U} . .'], 'app:app', {}],
  ['a build argument', ['FROM a', 'ARG U=app', 'COPY --chown=$U . .'], 'other', { U: 'other' }],
  ['an ARG before the first FROM', ['ARG U=app', 'FROM a', 'ARG U', 'COPY --chown=$U . .'], 'app', {}],
  ['an ENV of an earlier stage', ['FROM a AS b', 'ENV U=app', 'FROM b', 'COPY --chown=$U . .'], 'app', {}],
  ['no variable that the Dockerfile sets', ['FROM a', 'COPY --chown=$U . .'], '$U', {}],
  ['an ARG without a value', ['FROM a', 'ARG U', 'COPY --chown=$U . .'], '$U', {}],
  ['a name', ['FROM a', 'COPY --chown=app . .'], 'app', {}],
  ['nobody', ['FROM a', 'COPY . .'], '0', {}],
])('the owner of a copy is known where it is %s', (_, lines, owner, buildArgs) => {
  expect(copyOf(lines, buildArgs).owner).toBe(owner);
});

test.each<[string, readonly string[], boolean]>([
  ['sets none of them', ['PATH=/bin'], false],
  ['sets one to the same', ['U=app'], false],
  ['sets one to something else', ['U=other'], true],
  ['sets one to nothing', ['U='], true],
])('an owner by variables is another one where the image %s', (_, environment, expected) => {
  expect(isOverridden(copyOf(['FROM a', 'ARG U=app', 'COPY --chown=$U:$U . .']), environment)).toBe(expected);
});

test('an owner by two variables is unsure where the image sets one of them', () => {
  expect(isOverridden(copyOf(['FROM a', 'ARG U=app', 'ARG G=www', 'COPY --chown=$U:$G . .']), ['U=app'])).toBe(true);
});

test('an owner by name is what it is, whatever the image sets', () => {
  expect(isOverridden(copyOf(['FROM a', 'COPY --chown=app . .']), ['app=other'])).toBe(false);
});

test('variables right behind each other are two', () => {
  const copy = copyOf(['FROM a', 'ARG A=1', 'ARG B=2', 'COPY --chown=$A$B . .']);
  expect([isOverridden(copy, ['B=3']), isOverridden(copy, ['A=1', 'B=2'])]).toEqual([true, false]);
});
