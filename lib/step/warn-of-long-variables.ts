import { Annotations, CfnElement, Stack } from 'aws-cdk-lib';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { projectOf } from './project-check';

/** In characters. @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const LIMIT = 1000;

/** An action as a template has it. */
interface Action {
  readonly configuration?: { readonly ProjectName?: { readonly Ref?: string }; readonly EnvironmentVariables?: unknown };
}

/**
 * Warns when an action has longer values than AWS CodePipeline documents. What holds a pipeline variable is no part of the project but of the action, as one value for
 * all variables together. It is known when the pipeline is built, at the end of the synthesis.
 */
export function warnOfLongVariables(step: pipelines.CodeBuildStep, pipeline: pipelines.CodePipeline): void {
  const project = projectOf(step);
  if (!project) {
    return;
  }
  const stack = Stack.of(pipeline);
  const definition = pipeline.pipeline.node.defaultChild as codepipeline.CfnPipeline;
  const name = stack.getLogicalId(project.node.defaultChild as CfnElement);
  const stages = stack.resolve(definition.stages) as { readonly actions: Action[] }[];
  const action = stages.flatMap(({ actions }) => actions).find(({ configuration }) => configuration?.ProjectName?.Ref === name);
  const variables = action?.configuration?.EnvironmentVariables;
  const length = typeof variables === 'string' ? variables.length : 0;
  if (length > LIMIT) {
    const names = (JSON.parse(variables as string) as { name: string }[]).map((variable) => variable.name);
    Annotations.of(pipeline).addWarningV2('cdk-cached-docker-build:longVariables',
      `'${step.id}': the environment variables with pipeline variables, ${names.join(', ')}, make ${length} characters together in the action of the step,`
      + ` and AWS CodePipeline may refuse the pipeline for more than ${LIMIT}; use fewer of them in env, additionalTags and scope`);
  }
}
