import { parseArgs } from 'util';
import { assetDocker } from './assets/asset-docker';
import { dockerWithCache } from './assets/docker-with-cache';
import { prepareAssetDocker } from './assets/prepare-asset-docker';
import { buildCommand } from './build-command';
import { allPlans } from './input/read-plan';
import { reportCommand } from './page/report-command';
import { endAllPrograms } from './process/run-program';
import { WorkDirectory } from './process/work-directory';
import { Failure, sentenceOf } from './report/failure';
import { Log } from './report/log';

const USAGE = `Usage: node <this file> build [--outputs DIRECTORY] (--all | PLAN...)

Builds the images of a cloud assembly that are not in their repositories yet, and pushes them.
The plans, image-*.json, are next to this file.

       CDK_DOCKER="$(node <this file> prepare-assets)"

Prints the path of the program with which the CDK publishes image assets from the layer cache.

       node <this file> report --html PAGE [REPORT.json...]

Makes one HTML file of the reports that builds have left in image-outputs/report.json: the newest in full, and all of them as its history.`;

async function main(args: string[]): Promise<number> {
  const log = new Log((line) => process.stdout.write(`${line}\n`));
  const input = __dirname;
  let work: WorkDirectory | undefined;
  try {
    if (args[0] === 'prepare-assets') {
      log.line(prepareAssetDocker(__filename, process.env.CDK_DOCKER || 'docker'));
      return 0;
    }
    // As `cdk-assets` shows them, since people put passwords there.
    const discreet = new Log((line) => process.stdout.write(`${line}\n`), '', ['--build-arg', '--secret']);
    if (args[0] === 'docker-with-cache') return await dockerWithCache({ program: 'docker', args: args.slice(1), input, env: process.env, log: discreet });
    if (args[0] === 'docker') {
      const [, directory, program, ...rest] = args;
      return await assetDocker({ directory, program, args: rest, input, env: process.env, log: discreet });
    }
    const { values, positionals: [command, ...plans] } = parseArgs({
      args, allowPositionals: true, options: { all: { type: 'boolean' }, outputs: { type: 'string' }, html: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (command === 'report' && values.html && !values.help) return reportCommand({ files: plans, page: values.html, log });
    if (values.help || command !== 'build' || (plans.length > 0) === (values.all ?? false)) {
      USAGE.split('\n').forEach((line) => log.line(line));
      return values.help ? 0 : 2;
    }
    const made = work = WorkDirectory.create();
    process.on('exit', () => made.remove());
    const { ready, withoutTag } = values.all ? allPlans(input) : { ready: plans, withoutTag: [] };
    const chosen = ready.length > 0 ? ready : withoutTag; // with nothing else, the reason is an error
    if (ready.length > 0) withoutTag.forEach((file) => log.warn(`${file} is left out: its tag is a commit, which only the synthesis in the pipeline knows`));
    if (chosen.length === 0) throw new Failure(`${input} has no plan of an image (image-*.json): run the program from the cloud assembly that it is in`);
    return await buildCommand({ input, plans: chosen, outputs: values.outputs, env: process.env, log, work });
  } catch (error) {
    const isUsage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
    const text = isUsage ? (error as Error).message : sentenceOf(error);
    log.line('');
    `ERROR: ${text}`.split('\n').forEach((line) => log.line(line));
    return 1;
  }
}

// That of most containers, for files that a step of kaniko makes. Those with a password are for nobody else, whatever it is.
process.umask(0o022);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    endAllPrograms();
    process.stdout.write(`ERROR: the build was ended by ${signal}; the next one does what is missing\n`, () => process.exit(1));
  });
}

// Whatever may still be open, such as connections that are kept, does not hold the build.
void main(process.argv.slice(2)).then((code) => process.stdout.write('', () => process.exit(code)));
