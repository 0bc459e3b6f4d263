import { SshAgent } from './ssh-agent';
import { ImagePlan } from '../../lib/plan/image-plan';
import { SSH_KEY_VARIABLE, SecretSettings, secretVariable } from '../../lib/plan/step-settings';
import { WorkDirectory } from '../process/work-directory';
import { Failure } from '../report/failure';

/** The secrets of an image: nothing but the program that builds it gets them. */
export class ImageSecrets {
  private readonly variables: ReadonlyMap<string, string>;
  private readonly keyVariable?: string;
  private readonly agent: SshAgent;

  /**
   * @param settings where they are; undefined where nobody has said it
   * @param env the whole environment of the build
   * @param programEnv the part of it that programs get
   */
  constructor(
    private readonly plan: Pick<ImagePlan, 'name' | 'secretIds' | 'hasSshKey'>, settings: SecretSettings | undefined,
    private readonly env: NodeJS.ProcessEnv, programEnv: NodeJS.ProcessEnv, work: WorkDirectory,
  ) {
    this.variables = new Map((plan.secretIds ?? []).map((id) => [id, settings?.mounts?.[id] ?? secretVariable(id)]));
    this.keyVariable = plan.hasSshKey ? settings?.sshKey ?? SSH_KEY_VARIABLE : undefined;
    this.agent = new SshAgent(work.path('ssh-agent'), programEnv);
  }

  /** What buildx has to be told. */
  public get arguments(): string[] {
    return [
      ...[...this.variables].flatMap(([id, variable]) => ['--secret', `id=${id},env=${variable}`]),
      ...this.keyVariable === undefined ? [] : ['--ssh', `default=${this.agent.socket}`],
    ];
  }

  /** What buildx, and no other program, needs in its environment. */
  public get environment(): NodeJS.ProcessEnv {
    return Object.fromEntries([...this.variables.values()].map((variable) => [variable, this.env[variable]]));
  }

  /** Fails when one of them is not there. */
  public async prepare(): Promise<void> {
    for (const [id, variable] of this.variables) this.value(variable, `the secret '${id}'`);
    if (this.keyVariable !== undefined) await this.agent.start(this.value(this.keyVariable, 'the SSH key'));
  }

  public async end(): Promise<void> {
    await this.agent.stop();
  }

  private value(variable: string, what: string): string {
    const value = this.env[variable];
    if (!value) throw new Failure(`${what} of '${this.plan.name}' is empty or missing: fill it; where the image is built by hand, put it into the environment variable ${variable}`);
    return value;
  }
}
