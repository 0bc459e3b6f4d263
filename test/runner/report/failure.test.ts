import { Failure, reasonOf, sentenceOf } from '../../../runner/report/failure';

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

test('what ends a build is a sentence: that of a failure, one on a disk that is full, and a request to report anything else', () => {
  expect(sentenceOf(new Failure('the tag is taken'))).toBe('the tag is taken');
  expect(sentenceOf(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })))
    .toBe('the disk for temporary files is full (ENOSPC: no space left on device, write): take a build machine with a larger disk, or set TMPDIR to a directory with more space');
  expect(sentenceOf(new TypeError('x is not a function'))).toMatch(/^this is an error of the program itself, please report it: TypeError: x is not a function\n +at /);
  expect(sentenceOf('text')).toBe('this is an error of the program itself, please report it: text');
});
