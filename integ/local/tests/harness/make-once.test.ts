import * as fs from 'fs';
import * as path from 'path';
import { makeOnce } from '../../parts/make-once';
import { freshDirectory } from '../../world/directories';

const part = () => path.join(freshDirectory('part'), 'made');

/** Slow enough for another one to come in between. */
async function write(directory: string) {
  fs.appendFileSync(path.join(directory, 'tries'), 'x');
  await new Promise(resolve => setTimeout(resolve, 300));
  fs.writeFileSync(path.join(directory, 'content'), 'whole');
}

test('of two that ask at once, one makes it and the other waits until it is whole', async () => {
  const directory = part();
  const seen = await Promise.all([0, 1].map(async () => {
    await makeOnce(directory, ['a'], write);
    return fs.readFileSync(path.join(directory, 'content'), 'utf8');
  }));
  expect(seen).toEqual(['whole', 'whole']);
  expect(fs.readFileSync(path.join(directory, 'tries'), 'utf8')).toBe('x');
});

test('what one could not make, the next one makes anew', async () => {
  const directory = part();
  await expect(makeOnce(directory, ['a'], async () => {
    fs.writeFileSync(path.join(directory, 'half'), '');
    throw new Error('no space');
  })).rejects.toThrow('no space');
  await makeOnce(directory, ['a'], write);
  expect(fs.readdirSync(directory).sort()).toEqual(['.made-from', 'content', 'tries']);
});
