import { inParallel } from '../../../runner/process/in-parallel';

const pause = async (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('results come in the order of the items, however long each takes', async () => {
  expect(await inParallel([30, 1, 15], 3, async (item) => {
    await pause(item);
    return item * 2;
  })).toEqual([60, 2, 30]);
});

test.each([[1, 1], [2, 2], [4, 4], [100, 6], [0, 1]])('with a limit of %d, %d of six run at the same time', async (limit, expected) => {
  let running = 0;
  let most = 0;
  const results = await inParallel([1, 2, 3, 4, 5, 6], limit, async (item) => {
    most = Math.max(most, ++running);
    await pause(5);
    running--;
    return item;
  });
  expect(most).toBe(expected);
  expect(results).toEqual([1, 2, 3, 4, 5, 6]);
});

test('nothing is run of nothing', async () => {
  expect(await inParallel([], 4, async () => { throw new Error('it ran'); })).toEqual([]);
});

test('a task that fails fails the whole', async () => {
  await expect(inParallel([1, 2], 1, async (item) => { throw new Error(`no ${item}`); })).rejects.toThrow('no 1');
});
