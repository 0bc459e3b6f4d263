#!/usr/bin/env node
import { assetDocker } from './assets/asset-docker';
import { dockerWithCache } from './assets/docker-with-cache';
import { runCommand } from './commands/commands';
import { UsageError } from './commands/usage-error';
import { endAllPrograms } from './process/run-program';
import { WorkDirectory } from './process/work-directory';
import { sentenceOf } from './report/failure';
import { Log } from './report/log';

async function main(args: string[]): Promise<number> {
  const { env } = process;
  const input = __dirname;
  // As `cdk-assets` shows them, since people put passwords there.
  const discreet = () => new Log((line) => process.stdout.write(`${line}\n`), '', ['--build-arg', '--secret']);
  const output = args.includes('--json') ? process.stderr : process.stdout;
  const log = new Log((line) => output.write(`${line}\n`));
  try {
    // These two are called by programs of this library, with arguments that are those of Docker.
    if (args[0] === 'docker-with-cache') return await dockerWithCache({ program: 'docker', args: args.slice(1), input, env, log: discreet() });
    if (args[0] === 'docker') {
      const [, directory, program, ...rest] = args;
      return await assetDocker({ directory, program, args: rest, input, env, log: discreet() });
    }
    const print = (text: string) => process.stdout.write(text);
    return await runCommand(args, { program: __filename, cwd: process.cwd(), env, log, print, work: temporaryWork });
  } catch (error) {
    log.line('');
    `ERROR: ${sentenceOf(error)}`.split('\n').forEach((line) => log.line(line));
    return error instanceof UsageError ? 2 : 1;
  }
}

function temporaryWork(): WorkDirectory {
  const work = WorkDirectory.create();
  process.on('exit', () => work.remove());
  return work;
}

// That of most containers, for files that a step of kaniko makes. Those with a password are for nobody else, whatever it is.
process.umask(0o022);

// Whoever reads only the first lines does not end what is going on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    endAllPrograms();
    const isQuestion = ['list', 'explain', 'doctor'].includes(process.argv[2]);
    const [output, text] = isQuestion ? [process.stderr, `it was ended by ${signal}`] : [process.stdout, `the build was ended by ${signal}; the next one does what is missing`];
    output.write(`ERROR: ${text}\n`, () => process.exit(1));
  });
}

// Whatever may still be open, such as connections that are kept, does not hold the build.
void main(process.argv.slice(2)).then((code) => process.stdout.write('', () => process.exit(code)));
