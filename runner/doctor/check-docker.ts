import { Finding, ok, problem, warn } from './finding';
import { EngineInfo, engineInfo } from '../builder/engine-info';
import { runProgram } from '../process/run-program';

/** The oldest buildx that builds images here. See `requireBuildx`. */
const BUILDX = '0.13';

/** The Docker of a machine, and what was found out about it. */
export interface CheckedDocker {
  readonly findings: readonly Finding[];
  readonly engine?: EngineInfo;
}

/** Whether Docker is there and able: its program, buildx, an engine that answers, and the builder that it comes to. Starts nothing. */
export async function checkDocker(env: NodeJS.ProcessEnv): Promise<CheckedDocker> {
  const docker = await runProgram('docker', ['--version'], { env, timeout: 30_000 });
  if (docker.isMissing) return { findings: [problem('docker', 'there is no program `docker` on the PATH', 'install Docker, with buildx')] };
  if (!docker.ok) return { findings: [problem('docker', `\`docker\` does not work: ${docker.reason}`, 'repair or reinstall Docker')] };
  const [buildx, engine] = await Promise.all([checkBuildx(env), engineInfo(env)]);
  return { findings: [ok('docker', docker.stdout.trim()), buildx, await checkEngine(engine, env), ...await checkBuilder(engine, env)], engine };
}

async function checkBuildx(env: NodeJS.ProcessEnv): Promise<Finding> {
  const { ok: works, stdout, reason } = await runProgram('docker', ['buildx', 'version'], { env, timeout: 30_000 });
  const [, version, major, minor] = /^\S+ v?((\d+)\.(\d+)\S*)/.exec(stdout) ?? [];
  if (!works || version === undefined) {
    const isMissing = /--help|not a docker command|unknown command/.test(reason); // how docker answers to a command that it does not know
    return problem('buildx', isMissing ? 'there is no `docker buildx`' : `\`docker buildx\` does not work: ${reason || 'it does not say its version'}`, 'install the buildx plugin of Docker');
  }
  const isOld = Number(major) === 0 && Number(minor) < 13;
  return isOld ? problem('buildx', `it is ${version}, and ${BUILDX} is needed`, 'update Docker, or its buildx plugin') : ok('buildx', version);
}

async function checkEngine(engine: EngineInfo | undefined, env: NodeJS.ProcessEnv): Promise<Finding> {
  if (engine) return ok('engine', `${engine.version}, with ${engine.hasContainerdStore ? 'the image store of containerd' : 'the classic image store'}`);
  const { reason } = await runProgram('docker', ['version', '--format', '{{.Server.Version}}'], { env, timeout: 30_000 });
  const text = `no Docker engine answers${env.DOCKER_HOST ? ` at ${env.DOCKER_HOST}, which DOCKER_HOST names` : ''}: ${reason || 'it does not say its version'}`;
  const todo = 'start Docker (Docker Desktop, or `systemctl start docker`), and see that this user may use it';
  return env.BUILDX_BUILDER ? warn('engine', text, `${todo}; builds that push have another builder`) : problem('engine', text, todo);
}

async function checkBuilder(engine: EngineInfo | undefined, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const name = env.BUILDX_BUILDER;
  if (name) {
    const { ok: works, reason } = await runProgram('docker', ['buildx', 'inspect', name], { env, timeout: 60_000 });
    return [works ? ok('builder', `'${name}', which BUILDX_BUILDER names`)
      : warn('builder', `'${name}', which BUILDX_BUILDER names, does not answer, so another one would be used: ${reason}`, 'unset BUILDX_BUILDER, or create that builder (`docker buildx create`)')];
  }
  if (!engine) return [];
  return [ok('builder', engine.hasContainerdStore ? 'the BuildKit of the engine' : 'the BuildKit of the engine to try images; to push them, a second engine or a container with BuildKit is started')];
}
