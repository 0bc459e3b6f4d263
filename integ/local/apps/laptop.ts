import * as path from 'path';
import { BootstrappedEnvironment, endpointsOfCli } from '../aws/bootstrap';
import { BuildPermissions } from '../aws/build-permissions';
import { Engine } from '../engines/engine';
import { parts } from '../parts/parts';
import { freshDirectory } from '../world/directories';
import { Lab } from '../world/lab';

/** A machine of somebody who deploys by hand, with an engine and credentials of their own. */
export class Laptop {
  /** Where its programs put what nobody is to find afterwards. */
  public readonly temporary = freshDirectory('tmp');
  private readonly home = freshDirectory('home');

  public constructor(private readonly lab: Lab, private readonly engine: Engine, private readonly place: BootstrappedEnvironment) {}

  /**
   * What its shell has in its environment.
   *
   * @param assembly where the program lies that `CDK_DOCKER` names
   * @param readable the repositories whose images the user may pull
   * @param actions what else the user may do
   */
  public environment(assembly: string, readable: readonly string[], actions: readonly string[] = []): { [name: string]: string } {
    return {
      ...this.credentials(readable, actions),
      ...endpointsOfCli(this.lab.aws),
      HOME: this.home,
      TMPDIR: this.temporary,
      NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
      CDK_DOCKER: path.join(assembly, 'cached-docker.cjs'),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      PATH: [this.engine.environment.PATH, path.dirname(process.execPath), parts.bin, parts.python, '/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    };
  }

  private credentials(readable: readonly string[], actions: readonly string[]): { [name: string]: string } {
    const { account, region } = this.place;
    const permissions = new BuildPermissions([
      { Effect: 'Allow', Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'], Resource: readable.map(name => `arn:aws:ecr:${region}:${account}:repository/${name}`) },
      { Effect: 'Allow', Action: ['ecr:GetAuthorizationToken', 'sts:AssumeRole', 'sts:GetCallerIdentity', ...actions], Resource: '*' },
    ]);
    return this.lab.aws.environment(region, this.lab.aws.callers.add({ account, permissions }));
  }
}
