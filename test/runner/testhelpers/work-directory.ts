import { WorkDirectory } from '../../../runner/process/work-directory';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';

/** A working directory that is gone after the test. */
export function temporaryWork(): WorkDirectory {
  return WorkDirectory.create(temporaryDirectory());
}
