import { Failure, reasonOf } from '../../../runner/report/failure';

test.each<[unknown, string]>([
  [new Failure('no such\n  thing '), 'no such thing'],
  [new Error(''), ''],
  ['text', 'text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [{ message: 5 }, '[object Object]'],
])('the reason of %p is %j', (error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});
