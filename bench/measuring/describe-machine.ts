import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Engine } from '../../integ/local/engines/engine';
import { parts } from '../../integ/local/parts/parts';
import { execute } from '../../integ/local/world/execute';

/** What a run of a benchmark runs on. */
export interface MachineDescription {
  readonly machine: string;
  readonly versions: { readonly [program: string]: string };
}

export async function describeMachine(): Promise<MachineDescription> {
  const cpus = os.cpus();
  const system = /^PRETTY_NAME="(.*)"$/m.exec(fs.readFileSync('/etc/os-release', 'utf8'))?.[1] ?? os.platform();
  return {
    machine: `${cpus.length} processors (${cpus[0].model.trim()}), ${Math.round(os.totalmem() / 2 ** 30)} GiB of memory, ${system}, Linux ${os.release()}`,
    versions: {
      'Docker engine': await engineVersion(),
      'BuildKit': await versionOf('buildkitd', '--version'),
      'buildx': await versionOf('buildx', 'version'),
      'registry (distribution)': await versionOf('registry', '--version'),
      'Node.js': process.versions.node,
    },
  };
}

async function engineVersion(): Promise<string> {
  const engine = await Engine.fresh({ suite: 'sid' });
  try {
    return (await engine.docker('version', '--format', '{{.Server.Version}}')).trim();
  } finally {
    await engine.wipe();
  }
}

async function versionOf(program: string, ask: string): Promise<string> {
  const said = await execute(path.join(parts.bin, program), [ask]);
  return /v?(\d+\.\d+\.\d+)/.exec(said)?.[1] ?? said.trim();
}
