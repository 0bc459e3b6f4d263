import * as path from 'path';
import { checkDisks } from '../../../runner/doctor/check-disk';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';

/** Disks with so many megabytes left. */
const left = (megabytes: number) => () => ({ bavail: megabytes, bsize: 1e6 });

test.each([[20_000, 'ok'], [4999, 'warning'], [499, 'problem'], [0, 'problem']])('%d MB left are %s', (megabytes, result) => {
  const [finding] = checkDisks({ temporary: '/tmp' }, left(megabytes));
  expect(finding).toMatchObject({ result, check: 'disk', text: expect.stringMatching(new RegExp(`^${megabytes}\\.0 MB free for temporary files \\(/tmp\\)`)) });
  expect(finding.todo).toBe(result === 'ok' ? undefined : 'free some, or set TMPDIR to a directory with more space');
});

test('the disk of the engine is looked at where it is on this machine', () => {
  const engine = temporaryDirectory();
  expect(checkDisks({ temporary: '/tmp', engine }, left(100)).map(({ text }) => text)).toEqual([expect.stringContaining('(/tmp)'), `100.0 MB free for the data of the engine (${engine})`]);
  expect(checkDisks({ temporary: '/tmp', engine: path.join(engine, 'elsewhere') }, left(100))).toHaveLength(1);
  expect(checkDisks({ temporary: '/tmp', engine: '' }, left(100))).toHaveLength(1);
});

test('a place that is not there is a problem, with the reason', () => {
  expect(checkDisks({ temporary: '/no/such/folder' })).toEqual([expect.objectContaining({ result: 'problem', text: expect.stringMatching(/^there is no place for temporary files: ENOENT/) })]);
});

test('this machine has a disk', () => {
  expect(checkDisks()).toEqual([expect.objectContaining({ check: 'disk', text: expect.stringMatching(/^\d+\.\d MB free for temporary files /) })]);
});
