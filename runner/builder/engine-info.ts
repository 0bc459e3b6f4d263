import * as http from 'http';
import { runProgram } from '../process/run-program';

/** What an engine says of itself. */
export interface EngineInfo {
  readonly version: string;
  /** Whether its images are in the store of containerd. */
  readonly hasContainerdStore: boolean;
  /** Where it keeps its data. */
  readonly root: string;
  /** The context of Docker that leads to it, which is also what buildx calls its BuildKit. */
  readonly context: string;
}

interface DockerInfo {
  readonly ServerVersion?: string;
  readonly DriverStatus?: string[][];
  readonly DockerRootDir?: string;
  readonly ClientInfo?: { readonly Context?: string };
}

/** Asks the engine that `docker` talks to; undefined when none answers. */
export async function engineInfo(env: NodeJS.ProcessEnv): Promise<EngineInfo | undefined> {
  const { ok, stdout } = await runProgram('docker', ['info', '--format', '{{json .}}'], { env, timeout: 30_000 });
  return ok ? parse(stdout) : undefined;
}

/** Asks the engine at a socket, without the start of a program; undefined when none answers. */
export async function engineInfoAt(socketPath: string): Promise<EngineInfo | undefined> {
  return new Promise((resolve) => {
    const call = http.get({ socketPath, path: '/info', timeout: 2000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve(response.statusCode === 200 ? parse(Buffer.concat(chunks).toString()) : undefined));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(undefined));
  });
}

function parse(text: string): EngineInfo | undefined {
  try {
    const info = JSON.parse(text) as DockerInfo;
    if (!info.ServerVersion) return undefined; // only the client has answered
    return {
      version: info.ServerVersion,
      hasContainerdStore: (info.DriverStatus ?? []).some(([, value]) => value?.startsWith('io.containerd.snapshotter.')),
      root: info.DockerRootDir ?? '',
      context: info.ClientInfo?.Context || 'default', // older clients know one only
    };
  } catch {
    return undefined;
  }
}
