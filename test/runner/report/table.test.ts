import { table } from '../../../runner/report/table';

test('columns are as wide as they have to be, and lines have no blanks at their ends', () => {
  expect(table(['a', 'long head', 'c'], [['wide cell', 'x', ''], ['', 'y', 'z']])).toEqual([
    'a          long head  c',
    'wide cell  x',
    '           y          z',
  ]);
});

test('a table without rows is its head', () => {
  expect(table(['a', 'b'], [])).toEqual(['a  b']);
});
