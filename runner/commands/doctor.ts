import { findAssembly } from './find-assembly';
import { KnownImage, knownImages } from './known-images';
import { app, json, printJson } from './options';
import { DefineCommand, Session } from './session';
import { checkCredentials } from '../doctor/check-credentials';
import { checkDisks } from '../doctor/check-disk';
import { checkDocker } from '../doctor/check-docker';
import { checkRepository, UsedRepository } from '../doctor/check-repository';
import { Finding, ok, problem, warn } from '../doctor/finding';
import { planFiles } from '../input/read-plan';
import { Access, access } from '../registry/access';
import { Failure, reasonOf } from '../report/failure';

interface Options {
  readonly app?: string;
  readonly json?: boolean;
}

interface FoundImages {
  readonly assembly?: string;
  readonly known: readonly KnownImage[];
  readonly findings: readonly Finding[];
}

/** Raised with a change that programs have to know of. What is only new does not raise it. */
const DOCTOR_VERSION = 1;

export const doctor: DefineCommand = (program, session, end) => {
  program.command('doctor')
    .summary('check whether this machine can build, and whether the repositories are as they should be')
    .description('Checks what builds need: Docker, disk space, credentials, and the repositories and layer caches of the app. Changes nothing.\nEnds with 1 if there is a problem.')
    .addOption(app())
    .addOption(json())
    .action(async (options: Options) => end(await run(options, session)));
};

async function run(options: Options, session: Session): Promise<number> {
  const { env, log } = session;
  const images = await findImages(options, session);
  const registries = access(images.assembly, env, log);
  const ofMachine = [checkMachine(registries.env), checkCredentials(registries.env)];
  const checks = await Promise.all([...ofMachine, images.findings, checkRepositories(images.known, registries)]);
  const findings = [ok('node', `Node.js ${process.versions.node}`), ...checks.flat()];
  const [problems, warnings] = (['problem', 'warning'] as const).map((result) => findings.filter((finding) => finding.result === result).length);
  if (options.json) {
    printJson(session, { version: DOCTOR_VERSION, problems, warnings, findings });
  } else {
    findings.forEach((finding) => log.line(lineOf(finding)));
    log.line('');
    log.line(`${count(problems, 'problem')}, ${count(warnings, 'warning')}`);
  }
  return problems === 0 ? 0 : 1;
}

async function checkMachine(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { findings, engine } = await checkDocker(env);
  return [...findings, ...checkDisks({ engine: engine?.root })];
}

/** A machine can be looked at without an app, too. */
async function findImages({ app: folder }: Options, session: Session): Promise<FoundImages> {
  let assembly: string;
  try {
    assembly = findAssembly(session, folder);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { known: [], findings: [problem('app', reasonOf(error), 'the repositories were not looked at')] };
  }
  const known = await knownImages(assembly, planFiles(assembly), session.env);
  const wrong = known.filter((image) => image.problem !== undefined);
  const findings = wrong.map(({ name, image, problem: reason }) => (
    image ? problem('image', `${name}: ${reason}`, 'its repository was not looked at') : warn('image', `${name} cannot be built here: ${reason}`, 'nothing, if its pipeline builds it')));
  if (known.length === 0) return { assembly, known, findings: [warn('app', `${assembly} has no images`, 'see whether it is the cloud assembly of the app, and has a CachedDockerImage')] };
  return { assembly, known, findings: [ok('app', `${assembly} has ${count(known.length, 'image')}`), ...findings] };
}

async function checkRepositories(known: readonly KnownImage[], registries: Access): Promise<Finding[]> {
  const used = new Map<string, { tags: string[]; caches: UsedRepository['caches'][number][] }>();
  const of = (address: string) => used.get(address) ?? used.set(address, { tags: [], caches: [] }).get(address)!;
  const unknown: Finding[] = [];
  for (const { name, file, image } of known) {
    if (!image?.cached) continue;
    of(image.cached.repository).tags.push(image.plan.tag);
    try {
      const cache = (await registries.cacheOf(file)).manifest(image.cached);
      if (cache) of(cache.repository).caches.push(cache);
    } catch (error) {
      unknown.push(warn('layer cache', `${name}: ${reasonOf(error)}`, 'its layer cache was not looked at'));
    }
  }
  const findings = (await Promise.all([...used].map(async ([address, uses]) => checkRepository({ address, ...uses }, registries)))).flat();
  return [...new Map([...findings, ...unknown].map((finding) => [finding.text, finding])).values()]; // without a password, nothing can be asked of any of them
}

function lineOf({ result, check, text, todo }: Finding): string {
  return `${result.padEnd(9)}${check.padEnd(13)}${todo === undefined ? text : `${text.replace(/[.]$/, '')}; ${todo}`}`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
