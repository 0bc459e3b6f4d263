import { runProgram } from '../process/run-program';
import { Failure } from '../report/failure';

/** Fails when the buildx of the build image is why nothing was built. Asked after a failure only, since each call of it counts. */
export async function requireBuildx(env: NodeJS.ProcessEnv): Promise<void> {
  const { stdout } = await runProgram('docker', ['buildx', 'version'], { env, timeout: 30_000 });
  const [, major, minor] = /^\S+ v?(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (major === undefined) throw new Failure('the build image has no buildx: use a newer build image, or DockerBuilder.dockerEngine()');
  if (Number(major) === 0 && Number(minor) < 13) {
    throw new Failure(`the buildx of the build image is ${major}.${minor}, and 0.13 is needed: use a newer build image, or DockerBuilder.dockerEngine()`);
  }
}
