import { hashValues } from '../../lib/plan/content-hash';

test('is a SHA-256 in hexadecimal digits', () => {
  expect(hashValues({})).toMatch(/^[0-9a-f]{64}$/);
});

test('never changes for the same values, or every image would be built again', () => {
  expect(hashValues({ files: 'abc', target: undefined, platform: 'linux/amd64', buildArgs: { VERSION: '1' } })).toBe('04e5a8948e2d97ccef13798dc99aeb09151bb82f3f3ccd3ec6c36e263a4b59ec');
});

test('does not depend on the order, on any level', () => {
  expect(hashValues({ a: '1', b: { c: '2', d: '3' } })).toEqual(hashValues({ b: { d: '3', c: '2' }, a: '1' }));
});

test('tells apart what is not the same', () => {
  const values = [{}, { a: undefined }, { a: '' }, { a: '1' }, { b: '1' }, { a: { b: '1' } }, { a: {} }, { a: 'b', b: 'a' }, { a: 'null' }, { 'a":"': '1' }];
  expect(new Set(values.map(hashValues)).size).toBe(values.length);
});
