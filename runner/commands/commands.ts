import { Command, CommanderError } from 'commander';
import { build } from './build';
import { doctor } from './doctor';
import { explain } from './explain';
import { list } from './list';
import { prepareAssets } from './prepare-assets';
import { report } from './report';
import { DefineCommand, Session } from './session';
import { Log } from '../report/log';

/** In the order of the help text. */
const COMMANDS: readonly DefineCommand[] = [list, explain, build, doctor, report, prepareAssets];

/** Runs one of the commands. Gives the exit code: 2 for a call that makes no sense. */
export async function runCommand(args: readonly string[], session: Session): Promise<number> {
  let code = 0;
  const program = new Command('cdk-cached-docker-build')
    .description('Looks after the container images of a synthesized CDK app that uses cdk-cached-docker-build.')
    .addHelpText('after', '\nWithout npm, run the file in the cloud assembly: node cdk.out/cached-docker-build.cjs list')
    .helpCommand(false)
    .configureOutput({ writeOut: byLine((line) => session.log.line(line)), writeErr: byLine(apart()) })
    .exitOverride();
  for (const define of COMMANDS) define(program, session, (ended) => { code = ended; });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2; // it has said what is wrong
  }
}

/** What was typed is shown again, and may be anything. */
function byLine(write: (line: string) => void): (text: string) => void {
  return (text) => text.replace(/\n$/, '').split('\n').forEach(write);
}

function apart(): (line: string) => void {
  const log = new Log((line) => process.stderr.write(`${line}\n`));
  return (line) => log.line(line);
}
