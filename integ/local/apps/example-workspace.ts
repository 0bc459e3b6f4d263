import * as fs from 'fs';
import * as path from 'path';
import { findProgram } from '../parts/system-programs';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';

const root = path.resolve(__dirname, '../../..');
const modules = path.join(root, 'node_modules');

/** One of the examples, as somebody has it in a repository of their own. */
export class ExampleWorkspace {
  public readonly directory = freshDirectory('workspace');
  private readonly machine = freshDirectory('machine');

  public constructor(example: string) {
    fs.cpSync(path.join(root, 'examples', example), this.directory, { recursive: true });
    const packages = path.join(this.machine, 'node_modules');
    fs.mkdirSync(path.join(packages, 'cdk-cached-docker-build'), { recursive: true });
    for (const name of fs.readdirSync(modules)) fs.symlinkSync(path.join(modules, name), path.join(packages, name));
    fs.writeFileSync(path.join(packages, 'cdk-cached-docker-build/index.js'), `module.exports = require(${JSON.stringify(path.join(root, 'lib'))});\n`);
    fs.mkdirSync(path.join(this.machine, 'bin'));
    // There is no registry of packages in this world: they are here already.
    const npm = ['#!/bin/sh', 'case "$1" in ci|install) ;; *) echo "the npm of the play knows no $1" >&2; exit 97 ;; esac', `[ -e node_modules ] || ln -s ${packages} node_modules`, ''];
    fs.writeFileSync(path.join(this.machine, 'bin/npm'), npm.join('\n'), { mode: 0o755 });
    fs.symlinkSync(fs.realpathSync(findProgram('npx')!), path.join(this.machine, 'bin/npx'));
    fs.symlinkSync(path.join(modules, '.bin/cdk-assets'), path.join(this.machine, 'bin/cdk-assets')); // as `npm install --global` puts it there
    fs.symlinkSync(process.execPath, path.join(this.machine, 'bin/node'));
  }

  public write(file: string, content: string): void {
    fs.writeFileSync(path.join(this.directory, file), content);
  }

  /** Synthesizes, as whoever has the workspace does. Gives the cloud assembly. */
  public async synthesize(): Promise<string> {
    const env = { ...this.environment, PATH: `${this.environment.PATH}:/usr/bin:/bin`, HOME: this.machine };
    await execute('npm', ['ci'], { cwd: this.directory, env });
    await execute('npx', ['cdk', 'synth', '--quiet'], { cwd: this.directory, env });
    return path.join(this.directory, 'cdk.out');
  }

  /** What a machine that runs the commands of the example needs in its environment. */
  public get environment(): { [name: string]: string } {
    return {
      PATH: path.join(this.machine, 'bin'),
      // The compiler of this repository is newer than that of the example.
      TS_NODE_PROJECT: path.join(root, 'integ/tsconfig.json'),
      TS_NODE_TRANSPILE_ONLY: 'true',
      TS_NODE_PREFER_TS_EXTS: 'true',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    };
  }
}
