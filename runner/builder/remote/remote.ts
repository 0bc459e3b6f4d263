import { createHash } from 'crypto';
import { askDaemon } from './ask-daemon';
import { Certificates, checkValidity, readCertificates } from './certificates';
import { RemoteSettings } from '../../../lib/plan/step-settings';
import { ImageJob } from '../../image/image-job';
import { runProgram } from '../../process/run-program';
import { Failure } from '../../report/failure';
import { Builder, BuilderContext } from '../builder';
import { BuildxSolver } from '../buildx-solver';
import { keepMirrorsItKnows } from '../mirror-support';

const NAME = 'cached-docker-build';
const KEEPER = 'the remote BuildKit';

/** A BuildKit daemon elsewhere: the one that has the layers of these images, or else the next one that works. */
export function remote(settings: RemoteSettings, context: BuilderContext): Builder {
  return {
    start: async (jobs) => {
      const certificates = readCertificates(context.ownEnv);
      const warning = checkValidity(certificates);
      if (warning) context.log.warn(warning);

      const failures: string[] = [];
      for (const endpoint of inOrder(settings.endpoints, jobs)) {
        const reason = await askDaemon(endpoint, certificates, settings.serverName) ?? await connect(endpoint, certificates, settings, context);
        if (typeof reason === 'string') {
          failures.push(`the remote BuildKit ${endpoint} cannot be used: ${reason}`);
          continue;
        }
        failures.forEach((failure) => context.log.warn(`${failure}. Another one is used, which may have less of the layers`));
        const description = `${KEEPER} ${endpoint}, ${reason.version}`;
        context.log.line(`builder: ${description}`);
        await keepMirrorsItKnows({ name: NAME, description }, context);
        const solver = new BuildxSolver({ name: NAME, description }, context);
        return {
          description,
          keeper: KEEPER,
          build: async (job, watch) => solver.build(job, watch),
          archives: solver,
          keepLayers: async (job) => solver.keepLayers(job),
          stop: async () => { await removeInstance(context); },
        };
      }
      throw new Failure(['no BuildKit of DockerBuilder.remote() can be used.', ...failures].join('\n- '));
    },
  };
}

/** The daemons in the order of these images. A daemon that comes or goes changes the place of no other. */
function inOrder(endpoints: readonly string[], jobs: readonly ImageJob[]): string[] {
  const images = jobs.map(({ repository, planFile }) => `${repository} ${planFile}`).sort().join('\n');
  const rank = (endpoint: string) => createHash('sha256').update(`${images} ${endpoint}`).digest('hex');
  return [...endpoints].sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

/** Gives the version of the daemon, or the reason why buildx cannot use it. */
async function connect(
  endpoint: string, { ca, cert, key }: Certificates, { serverName }: RemoteSettings, context: BuilderContext,
): Promise<{ version: string } | string> {
  const { env, work, log } = context;
  work.directory('certificates');
  const options = Object.entries({
    cacert: work.write('certificates/ca.pem', ca),
    cert: work.write('certificates/cert.pem', cert),
    key: work.write('certificates/key.pem', key),
    ...serverName !== undefined && { servername: serverName },
  }).flatMap(([name, value]) => ['--driver-opt', `${name}=${value}`]);
  await removeInstance(context); // of an earlier build on this machine
  const args = ['buildx', 'create', '--name', NAME, '--driver', 'remote', ...options, endpoint];
  log.command('docker', args);
  const created = await runProgram('docker', args, { env, timeout: 30_000 });
  if (!created.ok) return `buildx cannot use it (${created.reason})`;
  const inspected = await runProgram('docker', ['buildx', 'inspect', '--bootstrap', NAME], { env, timeout: 30_000 });
  if (!inspected.ok) return `buildx cannot use it (${inspected.reason})`;
  return { version: /^BuildKit(?: version)?:\s*(\S+)/im.exec(inspected.stdout)?.[1] ?? 'of a version that it does not say' };
}

async function removeInstance({ env }: BuilderContext): Promise<void> {
  await runProgram('docker', ['buildx', 'rm', '--force', NAME], { env, timeout: 30_000 });
}
