import { CfnElement, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { resolvedText } from './resolved-text';
import { SETTINGS_VARIABLE } from '../../lib/plan/step-settings';

/** What the template of a pipeline says of one of its CodeBuild steps. */
export class SynthesizedStep {
  constructor(public readonly template: Template, private readonly stack: Stack, public readonly step: pipelines.CodeBuildStep) {}

  /** The properties of the CodeBuild project. */
  public get project(): any {
    return this.resource(this.step.project.node.defaultChild as CfnElement).Properties;
  }

  /** The environment variables of the project. */
  public get environment(): { [name: string]: any } {
    return Object.fromEntries((this.project.Environment.EnvironmentVariables ?? []).map(({ Name, Value }: any) => [Name, Value]));
  }

  /** What the runner is told of the step, with `${...}` for what CloudFormation fills in. */
  public get settings(): any {
    return JSON.parse(resolvedText(this.environment[SETTINGS_VARIABLE]));
  }

  public get buildSpec(): any {
    return JSON.parse(this.project.Source.BuildSpec);
  }

  /** The action of the pipeline, with the name of its stage. */
  public get action(): any {
    const project = { Ref: this.stack.getLogicalId(this.step.project.node.defaultChild as CfnElement) };
    const [pipeline] = Object.values(this.template.findResources('AWS::CodePipeline::Pipeline'));
    const actions = pipeline.Properties.Stages.flatMap((stage: any) => stage.Actions.map((action: any) => ({ stage: stage.Name, ...action })));
    const found = actions.filter((action: any) => JSON.stringify(action.Configuration.ProjectName) === JSON.stringify(project));
    expect(found).toHaveLength(1);
    return found[0];
  }

  /** The environment variables that the pipeline gives the build. */
  public get actionEnvironment(): { [name: string]: any } {
    const variables = this.action.Configuration.EnvironmentVariables;
    return Object.fromEntries((variables ? JSON.parse(variables) : []).map(({ name, value }: any) => [name, value]));
  }

  /** What the role of the project may do. */
  public get statements(): any[] {
    const policy = this.step.project.role!.node.tryFindChild('DefaultPolicy')!.node.defaultChild as CfnElement;
    return this.resource(policy).Properties.PolicyDocument.Statement;
  }

  private resource(element: CfnElement): any {
    return this.template.toJSON().Resources[this.stack.getLogicalId(element)];
  }
}
