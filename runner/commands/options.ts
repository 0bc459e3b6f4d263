import { Option } from 'commander';
import { Session } from './session';

/** Which cloud assembly, for every command that reads one. */
export const app = () => new Option('-a, --app <folder>', 'the cloud assembly (default: where this program is, or ./cdk.out)');

/** For commands whose answer programs read, too. */
export const json = () => new Option('--json', 'print JSON, and everything else on the standard error');

/** What no terminal may be told, and JSON texts let through. */
const CONTROLS = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** Prints a value for programs. */
export function printJson({ print }: Pick<Session, 'print'>, value: object): void {
  const text = JSON.stringify(value, undefined, 2);
  print(`${text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`);
}
