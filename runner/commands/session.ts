import { Command } from 'commander';
import { WorkDirectory } from '../process/work-directory';
import { Log } from '../report/log';

/** What a command finds around it. */
export interface Session {
  /** The file of this program. */
  readonly program: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** For people: the standard output, or the standard error where that is for JSON. */
  readonly log: Log;
  /** A text for programs, on the standard output as it is. */
  readonly print: (text: string) => void;
  /** A new directory for temporary files, which is removed at the end. */
  readonly work: () => WorkDirectory;
}

/**
 * Adds a command: its arguments, its options, its help text and what it does.
 *
 * @param end takes the exit code: 0 for fine, 1 for something that failed or was found to be wrong. A command that was called wrongly raises a `UsageError`
 */
export type DefineCommand = (program: Command, session: Session, end: (code: number) => void) => void;
