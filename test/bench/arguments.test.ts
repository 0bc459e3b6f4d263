import { readArguments } from '../../bench/arguments';

const choices = { rows: ['no-cache', 'article', 'registry'], dockerfiles: ['A', 'B'], sizes: ['full', 'small'] };

test('without arguments everything is measured, and the results are kept', () => {
  expect(readArguments([], choices)).toEqual({
    list: false, rows: choices.rows, dockerfiles: choices.dockerfiles, size: 'full', rounds: 2, complete: true,
  });
});

test('rows can be picked, and stay in their order', () => {
  expect(readArguments(['--only', 'registry', '--only', 'no-cache'], choices).rows).toEqual(['no-cache', 'registry']);
});

test.each([
  [['--only', 'registry']],
  [['--dockerfile', 'A']],
  [['--size', 'small']],
])('what is not everything is not kept: %j', args => {
  expect(readArguments(args, choices).complete).toBe(false);
});

test('the number of rounds does not make a run incomplete', () => {
  expect(readArguments(['--rounds', '5'], choices)).toMatchObject({ rounds: 5, complete: true });
});

test.each([
  [['--only', 'kaniko'], '--only kaniko: there is only no-cache, article, registry'],
  [['--dockerfile', 'C'], '--dockerfile C: there is only A, B'],
  [['--size', 'huge'], '--size huge: there is only full, small'],
  [['--rounds', '0'], '--rounds 0: give a whole number from 1 on'],
  [['--rounds', 'many'], '--rounds many: give a whole number from 1 on'],
  [['--quick'], 'Unknown option \'--quick\''],
  [['registry'], 'Unexpected argument \'registry\''],
])('%j is refused, with what is allowed', (args, message) => {
  expect(() => readArguments(args, choices)).toThrow(message);
});
