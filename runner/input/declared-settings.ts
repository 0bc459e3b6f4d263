import * as fs from 'fs';
import * as path from 'path';
import { FindPhysicalId, StackTemplate, TemplateResource, templateText } from './template-text';
import { PLAN_VERSION } from '../../lib/plan/image-plan';
import { SETTINGS_VARIABLE, StepSettings } from '../../lib/plan/step-settings';
import { runProgram } from '../process/run-program';
import { Failure, reasonOf } from '../report/failure';

/** A project of CodeBuild that builds images, as its stack declares it. */
interface DeclaredProject {
  readonly stack: StackTemplate;
  /** The text of the settings, as the template has it. */
  readonly settings: unknown;
  /** Its commands name the plans. */
  readonly commands: string;
}

/** The steps and projects of an app that build images: whoever builds one by hand has none of their environment. */
export class DeclaredSettings {
  private readonly projects: readonly DeclaredProject[];
  private readonly physicalIds = new Map<string, Promise<string>>();

  /** @param env for the AWS CLI, which tells the names that an app leaves to CloudFormation */
  constructor(assembly: string, private readonly env: NodeJS.ProcessEnv) {
    this.projects = stacksOf(assembly).flatMap((stack) => Object.values(stack.resources).flatMap((resource) => projectIn(stack, resource)));
  }

  /** The settings of what builds the image of a plan, with placeholders; undefined where nothing in the app does. Fails when they cannot be told. */
  public async of(planFile: string): Promise<StepSettings | undefined> {
    const project = this.projects.find(({ commands }) => commands.split(/[\s"\\]+/).includes(planFile));
    if (!project) return undefined;
    try {
      const settings = JSON.parse(await templateText(project.settings, project.stack, this.physicalId)) as Partial<StepSettings> | null;
      if (settings?.version === PLAN_VERSION && settings.layerCache) return settings as StepSettings;
      throw new Error('it is of another version');
    } catch (error) {
      throw new Failure(`what builds it in the stack ${project.stack.name} cannot be told: ${reasonOf(error)}`);
    }
  }

  private readonly physicalId: FindPhysicalId = async (stack, logicalId) => {
    const key = `${stack.name} ${logicalId}`;
    if (!this.physicalIds.has(key)) this.physicalIds.set(key, this.ask(stack, logicalId));
    return this.physicalIds.get(key)!;
  };

  private async ask({ name, region }: StackTemplate, logicalId: string): Promise<string> {
    const { ok, stdout, reason } = await runProgram('aws', [
      'cloudformation', 'describe-stack-resource', '--stack-name', name, '--logical-resource-id', logicalId, ...region === undefined ? [] : ['--region', region],
      '--query', 'StackResourceDetail.PhysicalResourceId', '--output', 'text',
    ], { env: this.env, timeout: 60_000 });
    const id = stdout.trim();
    if (ok && /^[\w./-]+$/.test(id)) return id;
    throw new Failure(`CloudFormation does not say the name of ${logicalId} (${reason || 'it has none'})`);
  }
}

interface Manifest {
  readonly artifacts?: { readonly [id: string]: Artifact };
}

interface Artifact {
  readonly type?: unknown;
  readonly environment?: unknown;
  readonly properties?: { readonly templateFile?: unknown; readonly stackName?: unknown };
}

/** The stacks of an assembly itself; those of its stages build no images. What cannot be read has none. */
function stacksOf(assembly: string): StackTemplate[] {
  const { artifacts = {} } = read(assembly, 'manifest.json') as Manifest;
  return Object.entries(artifacts).flatMap(([id, { type, environment, properties: { templateFile, stackName } = {} }]) => {
    if (type !== 'aws:cloudformation:stack' || typeof templateFile !== 'string') return [];
    const { Resources: resources = {} } = read(assembly, templateFile) as { Resources?: StackTemplate['resources'] };
    const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(String(environment)) ?? [];
    const known = (value: string | undefined) => (value?.startsWith('unknown-') ? undefined : value);
    return [{ name: typeof stackName === 'string' ? stackName : id, account: known(account), region: known(region), resources }];
  });
}

function projectIn(stack: StackTemplate, { Type: type, Properties: properties }: TemplateResource): DeclaredProject[] {
  if (type !== 'AWS::CodeBuild::Project') return [];
  const given: unknown = properties?.Environment?.EnvironmentVariables;
  const variables = (Array.isArray(given) ? given : []) as ({ Name?: unknown; Value?: unknown } | null)[];
  const variable = variables.find((one) => one?.Name === SETTINGS_VARIABLE);
  return variable ? [{ stack, settings: variable.Value, commands: JSON.stringify(properties?.Source?.BuildSpec ?? '') }] : [];
}

function read(assembly: string, file: string): object {
  try {
    return Object(JSON.parse(fs.readFileSync(path.join(assembly, file), 'utf8'))) as object;
  } catch {
    return {};
  }
}
