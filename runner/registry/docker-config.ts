import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { WorkDirectory } from '../process/work-directory';
import { Failure, reasonOf } from '../report/failure';

interface Config {
  auths?: { [host: string]: { auth?: string } };
  credHelpers?: { [host: string]: string };
  credsStore?: string;
}

/**
 * Where Docker, BuildKit and kaniko look for logins. It begins as a copy of the user's, which stays as it is: passwords of this build are gone with it.
 */
export class DockerConfig {
  /** For programs that read it. */
  public readonly environment: { readonly [name: string]: string };
  private config: Config;
  private readonly directory: string;

  /** @param loginsOf the directory of another configuration, whose logins take the place of those of the user */
  constructor(work: WorkDirectory, env: NodeJS.ProcessEnv, loginsOf?: string) {
    const own = env.DOCKER_CONFIG || path.join(env.HOME || homeDirectory() || work.path('home'), '.docker');
    this.directory = work.directory('docker');
    this.config = readConfig(path.join(own, 'config.json'));
    if (loginsOf !== undefined) {
      const { auths, credHelpers, credsStore } = readConfig(path.join(loginsOf, 'config.json'));
      this.config = { ...this.config, auths, credHelpers, credsStore };
    }
    // Plugins and contexts of the user are found as before, and builders are where they were.
    for (const name of filesOf(own)) {
      if (name !== 'config.json') fs.symlinkSync(path.join(path.resolve(own), name), path.join(this.directory, name));
    }
    this.environment = { DOCKER_CONFIG: this.directory, BUILDX_CONFIG: env.BUILDX_CONFIG || path.join(path.resolve(own), 'buildx') };
    this.save();
  }

  /** As `docker login` would, but without an engine, and beside whatever else is logged in. */
  public logIn(host: string, user: string, password: string): void {
    this.config.auths = { ...this.config.auths, [host]: { auth: Buffer.from(`${user}:${password}`).toString('base64') } };
    if (this.config.credsStore) this.config.credHelpers = { ...this.config.credHelpers, [host]: '' };
    else delete this.config.credHelpers?.[host];
    this.save();
  }

  private save(): void {
    fs.writeFileSync(path.join(this.directory, 'config.json'), JSON.stringify(this.config), { mode: 0o600 });
  }
}

/** Undefined for a user that the system does not know, as in some containers. */
function homeDirectory(): string | undefined {
  try {
    return os.homedir();
  } catch {
    return undefined;
  }
}

function filesOf(directory: string): string[] {
  try {
    return fs.existsSync(directory) ? fs.readdirSync(directory) : [];
  } catch (error) {
    throw new Failure(`the folder of the Docker configuration ${directory} cannot be read (${reasonOf(error)}): mend it, or set DOCKER_CONFIG to another one`);
  }
}

function readConfig(file: string): Config {
  if (!fs.existsSync(file) || fs.statSync(file).size === 0) return {};
  try {
    const config: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config as Config;
    throw new Error('it is no JSON object');
  } catch (error) {
    throw new Failure(`the Docker configuration ${file} cannot be read (${reasonOf(error)}): mend or remove it`);
  }
}
