import { Phases } from '../../../runner/report/phases';

const pause = async (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a phase has its time in milliseconds, and gives what it gives', async () => {
  const phases = new Phases();
  expect(await phases.time('login', async () => pause(100).then(() => 'x'))).toBe('x');
  expect(phases.milliseconds.login).toBeGreaterThan(90);
  expect(phases.milliseconds.login).toBeLessThan(5000);
  expect(phases.total).toBeGreaterThanOrEqual(phases.milliseconds.login);
});

test('a phase counts however it ends', async () => {
  const phases = new Phases();
  await expect(phases.time('build', async () => { throw new Error('x'); })).rejects.toThrow('x');
  expect(Object.keys(phases.milliseconds)).toEqual(['build']);
});
