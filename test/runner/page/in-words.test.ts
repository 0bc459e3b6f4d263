import { count, duration, moment, percent, shortMoment, size } from '../../../runner/page/in-words';

test.each([
  [0, '0.0 s'], [0.01, '< 0.1 s'], [0.05, '0.1 s'], [8.34, '8.3 s'], [9.94, '9.9 s'], [9.96, '10 s'], [59.4, '59 s'], [59.6, '1 min 0 s'], [3599.6, '1 h 0 min'], [3725, '1 h 2 min'],
])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));

test.each([
  [0, '0 bytes'], [1, '1 byte'], [999, '999 bytes'], [1000, '1.0 kB'], [999_600, '1.0 MB'], [36_784_708, '36.8 MB'], [136_784_708, '137 MB'], [2.5e9, '2.5 GB'], [1e12, '1.0 TB'],
])('%d bytes are %s', (bytes, text) => expect(size(bytes)).toBe(text));

test.each([[0, '0%'], [0.001, '1%'], [0.5, '50%'], [0.999, '99%'], [1, '100%']])('a share of %d is %s', (share, text) => expect(percent(share)).toBe(text));

test('one is one', () => {
  expect([count(1, 'image'), count(2, 'image'), count(0, 'image')]).toEqual(['1 image', '2 images', '0 images']);
});

test('times are those of nobody\'s place', () => {
  expect(moment('2026-03-02T23:05:00-02:00')).toBe('3 March 2026, 01:05 UTC');
  expect(shortMoment('2026-03-02T08:05:00Z')).toBe('2 Mar 08:05');
});
