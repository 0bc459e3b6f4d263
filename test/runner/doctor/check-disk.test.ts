import * as path from 'path';
import { checkDisks } from '../../../runner/doctor/check-disk';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';

/** Disks with so many megabytes left. */
const left = (megabytes: number) => () => ({ bavail: megabytes, bsize: 1e6 });

test.each([[20_000, '20.0 GB', 'ok'], [4949, '4.9 GB', 'warning'], [499, '0.5 GB', 'problem'], [0, '0.0 GB', 'problem']])('%d MB left, %s, are %s', (megabytes, size, result) => {
  const [finding] = checkDisks({ temporary: '/tmp' }, left(megabytes));
  expect(finding).toMatchObject({ result, check: 'disk', text: expect.stringContaining(`${size} free for temporary files (/tmp)`) });
  expect(finding.todo).toBe(result === 'ok' ? undefined : 'free some, or set TMPDIR to a directory with more space');
});

test('the disk of the engine is looked at where it is on this machine', () => {
  const engine = temporaryDirectory();
  expect(checkDisks({ temporary: '/tmp', engine }, left(100)).map(({ text }) => text)).toEqual([expect.stringContaining('(/tmp)'), `0.1 GB free for the data of the engine (${engine})`]);
  expect(checkDisks({ temporary: '/tmp', engine: path.join(engine, 'elsewhere') }, left(100))).toHaveLength(1);
  expect(checkDisks({ temporary: '/tmp', engine: '' }, left(100))).toHaveLength(1);
});

test('a place that is not there is a problem, with the reason', () => {
  expect(checkDisks({ temporary: '/no/such/folder' })).toEqual([expect.objectContaining({ result: 'problem', text: expect.stringMatching(/^there is no place for temporary files: ENOENT/) })]);
});

test('this machine has a disk', () => {
  expect(checkDisks()).toEqual([expect.objectContaining({ check: 'disk', text: expect.stringMatching(/^\d+\.\d GB free for temporary files /) })]);
});
