import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { shellCommands } from '../../lib/dockerfile/shell-commands';

function commands(run: string) {
  return shellCommands(Dockerfile.parse(`FROM a\nRUN ${run}`).stages[0].instructions[0]);
}

test.each([
  ['a b && c || d; e | f & g', [['a', 'b'], ['c'], ['d'], ['e'], ['f'], ['g']]],
  ['set -e; \\\n  # why\n  a \\\n  b', [['set', '-e'], ['a', 'b']]],
  ['"a b" c\\ d \'e f\' g"h"i', [['a b', 'c d', 'e f', 'ghi']]],
  ['X=1; a', [['export', 'X=1'], ['a']]],
  ['X=1 Y="2 3" a ${Z} "$Z" $Z', [['a', '${Z}', '$Z', '$Z']]],
  ['if test -f a; then b; else c; fi', [['test', '-f', 'a'], ['b'], ['c'], ['fi']]],
  ['a > /b 2>&1', [['a', '>', '/b', '>']]],
  ['a 2>/dev/null # b && c', [['a', '>', '/dev/null']]],
  ['["a", "b c"]', [['a', 'b c']]],
  ['<<EOF\na b\nc && \\\n d\nEOF', [['a', 'b'], ['c'], ['d']]],
  ['awk \'{ print $1 }\' a', [['awk', '{ print $1 }', 'a']]],
])('reads %j', (run, expected) => {
  expect(commands(run)).toEqual(expected);
});

test.each(['a $(b)', 'a `b`', '(a; b)', '{ a; }', 'a "$(b)"', 'a "`b`"', 'a {b,c}', 'a ${b:-c}', 'a <<EOF\nb\nEOF', '<<EOF\n#!/usr/bin/python\nEOF', 'a "b'])('does not claim to understand %j', (run) => {
  expect(commands(run)).toBeUndefined();
});
