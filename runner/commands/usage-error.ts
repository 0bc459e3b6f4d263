import { Failure } from '../report/failure';

/** That a command was called in a way in which it cannot do anything: the program ends with 2. */
export class UsageError extends Failure {}
