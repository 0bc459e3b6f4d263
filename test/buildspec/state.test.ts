import { BuildMachine, BUILDSPEC, plan } from './build-machine';

/** Runs commands after state.sh, with the options that every script sets. */
async function withState(machine: BuildMachine, commands: string) {
  return machine.bash(`set -euo pipefail; source '${BUILDSPEC}/state.sh'\n${commands}`);
}

test('a fact is recalled as it was remembered', async () => {
  const machine = new BuildMachine();
  await withState(machine, "remember fact ' a\n-n $(touch x) \\n '");
  expect(machine.recall('fact')).toBe(' a\n-n $(touch x) \\n ');
  expect((await withState(machine, 'recall fact')).stdout).toBe(' a\n-n $(touch x) \\n ');
});

test('a fact that nobody remembered is empty and no error', async () => {
  expect(await withState(new BuildMachine(), 'recall fact; printf end')).toEqual({ code: 0, stdout: 'end', stderr: '' });
});

test('an image is there already only when the lookup found it', async () => {
  const machine = new BuildMachine();
  expect((await withState(machine, 'already_there')).code).toBe(1);
  machine.remember({ result: 'built' });
  expect((await withState(machine, 'already_there')).code).toBe(1);
  machine.remember({ result: 'already there' });
  expect((await withState(machine, 'already_there')).code).toBe(0);
});

test('a failure ends the build with its message on standard error', async () => {
  expect(await withState(new BuildMachine(), "fail 'no such' 'thing'; printf end")).toEqual({ code: 1, stdout: '', stderr: '\nERROR: no such thing\n\n' });
});

test('a warning goes to standard error and the build goes on', async () => {
  expect(await withState(new BuildMachine(), "warn 'no such thing'; printf end"))
    .toEqual({ code: 0, stdout: 'end', stderr: 'WARNING: no such thing\n' });
});

test('a phase is noted with its time in microseconds', async () => {
  const machine = new BuildMachine();
  await withState(machine, 'phase() { sleep 0.2; }; timed "a phase" phase');
  const [, microseconds] = machine.recall('phases')!.match(/^a phase (\d+)\n$/)!;
  expect(Number(microseconds)).toBeGreaterThan(200_000);
  expect(Number(microseconds)).toBeLessThan(5_000_000);
});

test('a phase is noted however it ends, once, and its exit code stays', async () => {
  const machine = new BuildMachine();
  expect((await withState(machine, 'one() { (exit 7); printf not here; }; timed one one')).code).toBe(7);
  expect((await withState(machine, 'two() { local value; value=$(fail inside); }; timed two two')).code).toBe(1);
  expect((await withState(machine, 'three() { fail outside; }; timed three three')).code).toBe(1);
  expect(machine.recall('phases')).toMatch(/^one \d+\ntwo \d+\nthree \d+\n$/);
});

test('an error in a phase ends it there', async () => {
  expect((await withState(new BuildMachine(), 'phase() { false; printf end; }; timed phase phase')).stdout).toBe('');
});

test('a locale with a comma for the decimal point does not disturb the clock', async () => {
  const machine = new BuildMachine();
  // EPOCHREALTIME follows the locale, and no locale with a comma may be installed here
  const { stdout } = await withState(machine, 'unset EPOCHREALTIME; EPOCHREALTIME=1700000000,123456; microseconds');
  expect(stdout).toBe('1700000000123456');
});

test('the plan gives values as they are', async () => {
  const machine = new BuildMachine().remember({ 'plan.json': plan({ target: 'a "b" $(touch x) \\ ' }) });
  expect((await withState(machine, 'plan .target')).stdout).toBe('a "b" $(touch x) \\ \n');
});
