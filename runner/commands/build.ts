import { choosePlans } from './choose-plans';
import { findAssembly } from './find-assembly';
import { app } from './options';
import { DefineCommand, Session } from './session';
import { UsageError } from './usage-error';
import { buildCommand } from '../build-command';
import { allPlans, planName } from '../input/read-plan';
import { Failure } from '../report/failure';
import { Log } from '../report/log';
import { trialBuild } from '../trial/trial-build';

interface Options {
  readonly app?: string;
  readonly all?: boolean;
  readonly push: boolean;
  readonly outputs?: string;
}

export const build: DefineCommand = (program, session, end) => {
  program.command('build')
    .summary('build images and push them, or try whether they can be built')
    .description('Builds the images that are not in their repositories yet, and pushes them, as a pipeline does. With --no-push, builds them with the Docker of this machine,\n'
      + 'and writes nothing to any repository or layer cache.')
    .argument('[image...]', 'names of images, as list shows them, or files of plans')
    .option('--all', 'every image of the app')
    .option('--no-push', 'only try: the images are in the Docker of this machine afterwards, and nowhere else')
    .option('--outputs <folder>', 'where to write report.json, report.html, report.xml and the digests of the images')
    .addOption(app())
    .action(async (images: string[], options: Options) => end(await run(images, options, session)));
};

async function run(images: readonly string[], options: Options, session: Session): Promise<number> {
  const { all = false, push, outputs } = options;
  const input = findAssembly(session, options.app);
  if (all && images.length > 0) throw new UsageError('name images, or give --all, and not both');
  if (!all && images.length === 0) throw new UsageError(`name the images to build, or give --all: ${allNames(input)}`);
  const plans = all ? everyPlan(input, session.log) : choosePlans(input, images);
  const { env, log } = session;
  return (push ? buildCommand : trialBuild)({ input, plans, outputs, env, log, work: session.work() });
}

function everyPlan(input: string, log: Log): string[] {
  const { ready, withoutTag } = allPlans(input);
  if (ready.length > 0) withoutTag.forEach((file) => log.warn(`${file} is left out: its tag is a commit, which only the synthesis in the pipeline knows`));
  const chosen = ready.length > 0 ? ready : withoutTag; // with nothing else, the reason is an error
  if (chosen.length === 0) throw new Failure(`${input} has no plan of an image (image-*.json): run the program from the cloud assembly that it is in`);
  return chosen;
}

function allNames(input: string): string {
  const { ready, withoutTag } = allPlans(input);
  return [...ready, ...withoutTag].map((file) => planName(input, file)).join(', ') || `the app in ${input} has none`;
}
