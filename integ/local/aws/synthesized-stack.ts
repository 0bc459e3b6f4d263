import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { References, resolveIntrinsics } from './intrinsics';
import { Registry } from '../registry/registry';

export interface SynthesizedStackOptions {
  readonly account: string;
  readonly region: string;
  /** Values for what only a deployment could tell: `LogicalId`, `LogicalId.Attribute`, names of exports. */
  readonly values?: { readonly [reference: string]: string };
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, any>;
  readonly Metadata?: Record<string, any>;
}

/** A stack's template, read as if it had been deployed into an account. */
export class SynthesizedStack implements References {
  /**
   * Reads a stack of a cloud assembly.
   *
   * @param name the stack's name; left out, the one stack that holds a pipeline
   */
  public static fromAssembly(assembly: string, options: SynthesizedStackOptions, name?: string): SynthesizedStack {
    const { artifacts } = JSON.parse(fs.readFileSync(path.join(assembly, 'manifest.json'), 'utf8')) as { artifacts: Record<string, any> };
    const stacks = Object.entries(artifacts)
      .filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack')
      .map(([id, { properties }]) => new SynthesizedStack(
        properties.stackName ?? id, JSON.parse(fs.readFileSync(path.join(assembly, properties.templateFile), 'utf8')), options,
      ));
    const found = stacks.filter(stack => name === undefined ? stack.ofType('AWS::CodePipeline::Pipeline').length > 0 : stack.name === name);
    if (found.length !== 1) {
      throw new Error(`${assembly}: ${found.length} stacks ${name ?? 'with a pipeline'}; there are: ${stacks.map(stack => stack.name).join(', ')}`);
    }
    return found[0];
  }

  public readonly account: string;
  public readonly region: string;

  public constructor(
    public readonly name: string,
    private readonly template: { readonly Resources?: Record<string, Resource>; readonly Parameters?: Record<string, any> },
    private readonly options: SynthesizedStackOptions,
  ) {
    this.account = options.account;
    this.region = options.region;
  }

  public resolve(value: unknown): any {
    return resolveIntrinsics(value, this);
  }

  /** A resource with its references resolved. */
  public resource(logicalId: string): { type: string; properties: Record<string, any> } {
    const { Type, Properties } = this.find(logicalId);
    return { type: Type, properties: this.resolve(Properties ?? {}) };
  }

  public ofType(type: string): string[] {
    return Object.entries(this.template.Resources ?? {}).filter(([, resource]) => resource.Type === type).map(([logicalId]) => logicalId);
  }

  /** The action of the pipeline with this name: its raw configuration and its input artifacts. */
  public pipelineAction(name: string): { configuration: Record<string, any>; inputs: string[]; namespace?: string; runOrder: number; stage: string } {
    const actions = this.ofType('AWS::CodePipeline::Pipeline')
      .flatMap(id => this.find(id).Properties!.Stages as any[])
      .flatMap(stage => (stage.Actions as any[]).map(action => ({ stage: stage.Name, action })));
    const found = actions.filter(({ action }) => action.Name === name);
    if (found.length !== 1) {
      throw new Error(`${found.length} actions are called ${name}; there are: ${actions.map(({ action }) => action.Name).join(', ')}`);
    }
    const [{ stage, action }] = found;
    return {
      stage,
      configuration: action.Configuration,
      inputs: this.resolve(action.InputArtifacts ?? []).map((artifact: { Name: string }) => artifact.Name),
      namespace: action.Namespace,
      runOrder: action.RunOrder,
    };
  }

  /** The names of the actions of a stage of the pipeline, in the order in which they run. */
  public actionsOf(stageName: string): string[] {
    const stages = this.ofType('AWS::CodePipeline::Pipeline').flatMap(id => this.find(id).Properties!.Stages as any[]);
    const actions = stages.filter(({ Name }) => Name === stageName).flatMap(({ Actions }) => Actions as { Name: string; RunOrder: number }[]);
    return actions.sort((one, other) => one.RunOrder - other.RunOrder).map(({ Name }) => Name);
  }

  /** The project that an action runs. */
  public projectOf(action: string): { properties: Record<string, any> } {
    const name = this.resolve(this.pipelineAction(action).configuration.ProjectName);
    return this.resource(this.ofType('AWS::CodeBuild::Project').find(id => this.ref(id) === name)!);
  }

  /** A resource of a type by its logical id, or by the end of its construct path. */
  public logicalId(type: string, idOrPath: string): string {
    const found = this.ofType(type).filter(id => {
      const constructPath: string = this.find(id).Metadata?.['aws:cdk:path'] ?? '';
      return id === idOrPath || constructPath === idOrPath || constructPath.replace(/\/Resource$/, '').endsWith(`/${idOrPath}`);
    });
    if (found.length !== 1) throw new Error(`${found.length} ${type} are ${idOrPath}; there are: ${this.ofType(type).join(', ')}`);
    return found[0];
  }

  /** Creates the stack's repositories in the registry, with the rules their properties ask for. */
  public createRepositories(registry: Registry): string[] {
    return this.ofType('AWS::ECR::Repository').map(logicalId => {
      const { ImageTagMutability, ImageTagMutabilityExclusionFilters } = this.resource(logicalId).properties;
      const name = this.ref(logicalId);
      registry.createRepository({ account: this.account, region: this.region }, name, {
        mutability: ImageTagMutability ?? 'MUTABLE',
        exclusions: (ImageTagMutabilityExclusionFilters ?? [])
          .map((filter: Record<string, string>) => filter.ImageTagMutabilityExclusionFilterValue),
      });
      return name;
    });
  }

  public ref(logicalId: string): any {
    const pseudo: Record<string, unknown> = {
      'AWS::AccountId': this.account,
      'AWS::Region': this.region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': this.name,
      'AWS::StackId': `arn:aws:cloudformation:${this.region}:${this.account}:stack/${this.name}/play`,
      'AWS::NoValue': undefined,
    };
    if (logicalId in pseudo) return pseudo[logicalId];
    const given = this.options.values?.[logicalId];
    if (given !== undefined) return given;
    const parameter = this.template.Parameters?.[logicalId];
    if (parameter) {
      if (parameter.Default === undefined) throw new Error(`parameter ${logicalId} has no default: give it in 'values'`);
      return parameter.Default;
    }
    const { Type } = this.find(logicalId);
    return refsAreArns.has(Type) ? this.attribute(logicalId, 'Arn') : this.physicalName(logicalId);
  }

  public attribute(logicalId: string, attribute: string): any {
    const given = this.options.values?.[`${logicalId}.${attribute}`];
    if (given !== undefined) return given;
    const { Type } = this.find(logicalId);
    const name = this.physicalName(logicalId);
    const repositoryUri = `${Registry.ecrHost(this)}/${name}`;
    if (Type === 'AWS::ECR::Repository' && attribute === 'RepositoryUri') return repositoryUri;
    if ((attribute === 'Arn' || attribute === 'Id') && Type in arns) {
      return arns[Type].replace('<region>', this.region).replace('<account>', this.account) + name;
    }
    throw new Error(`the play does not know ${attribute} of ${Type}: give '${logicalId}.${attribute}' in 'values'`);
  }

  public exported(name: string): any {
    const given = this.options.values?.[name];
    if (given === undefined) throw new Error(`nothing exports ${name}: give it in 'values'`);
    return given;
  }

  /** The name a resource has, or one like CloudFormation would make up. */
  private physicalName(logicalId: string): string {
    const { Type, Properties } = this.find(logicalId);
    const property = nameProperties[Type];
    if (property && Properties?.[property] !== undefined) return this.resolve(Properties[property]);
    const unique = createHash('sha256').update(`${this.name}/${logicalId}`).digest('hex').slice(0, 12);
    const made = `${this.name}-${logicalId}-${unique}`;
    return Type === 'AWS::ECR::Repository' || Type === 'AWS::S3::Bucket' ? made.toLowerCase() : made;
  }

  private find(logicalId: string): Resource {
    const resource = this.template.Resources?.[logicalId];
    if (!resource) throw new Error(`${this.name} has no resource ${logicalId}`);
    return resource;
  }
}

const nameProperties: Record<string, string> = {
  'AWS::CodeBuild::Project': 'Name',
  'AWS::ECR::Repository': 'RepositoryName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SSM::Parameter': 'Name',
  'AWS::SecretsManager::Secret': 'Name',
};

const arns: Record<string, string> = {
  'AWS::CodeBuild::Project': 'arn:aws:codebuild:<region>:<account>:project/',
  'AWS::CodePipeline::Pipeline': 'arn:aws:codepipeline:<region>:<account>:',
  'AWS::ECR::Repository': 'arn:aws:ecr:<region>:<account>:repository/',
  'AWS::IAM::Role': 'arn:aws:iam::<account>:role/',
  'AWS::KMS::Key': 'arn:aws:kms:<region>:<account>:key/',
  'AWS::Logs::LogGroup': 'arn:aws:logs:<region>:<account>:log-group:',
  'AWS::S3::Bucket': 'arn:aws:s3:::',
  'AWS::SecretsManager::Secret': 'arn:aws:secretsmanager:<region>:<account>:secret:',
};

const refsAreArns = new Set(['AWS::SecretsManager::Secret']);
