import { Stack } from 'aws-cdk-lib';
import * as pipelines from 'aws-cdk-lib/pipelines';

/** Where a pipeline deploys a stack. */
export interface StackPlace {
  readonly wave: pipelines.Wave;
  readonly stage: pipelines.StageDeployment;
  readonly stack: pipelines.StackDeployment;
}

/** Where a stack is deployed; undefined when this pipeline does not do it. */
export function deploymentOf({ waves }: pipelines.PipelineBase, { node }: Stack): StackPlace | undefined {
  return waves.flatMap((wave) => wave.stages.flatMap((stage) => stage.stacks.map((stack) => ({ wave, stage, stack }))))
    .find(({ stack }) => stack.constructPath === node.path);
}

/** All steps of a pipeline, with those that they depend on. */
export function stepsOf({ waves }: pipelines.PipelineBase): Set<pipelines.Step> {
  return withDependencies(waves.flatMap(stepsOfWave));
}

/** The steps that are done for sure when a stack is deployed. */
export function stepsBefore({ waves }: pipelines.PipelineBase, { wave, stage, stack }: StackPlace): Set<pipelines.Step> {
  const before = dependenciesOf(stack);
  return withDependencies([
    ...waves.slice(0, waves.indexOf(wave)).flatMap(stepsOfWave),
    ...wave.pre,
    ...stage.pre,
    ...before.flatMap(stepsOfStack),
    ...stack.pre,
    ...stack.changeSet,
  ]);
}

function stepsOfWave({ pre, stages, post }: pipelines.Wave): pipelines.Step[] {
  return [
    ...pre,
    ...stages.flatMap((stage) => [...stage.pre, ...stage.stacks.flatMap(stepsOfStack), ...stage.post]),
    ...post,
  ];
}

function stepsOfStack({ pre, changeSet, post }: pipelines.StackDeployment): pipelines.Step[] {
  return [...pre, ...changeSet, ...post];
}

function dependenciesOf({ stackDependencies }: pipelines.StackDeployment): pipelines.StackDeployment[] {
  return stackDependencies.flatMap((other) => [other, ...dependenciesOf(other)]);
}

function withDependencies(steps: pipelines.Step[]): Set<pipelines.Step> {
  const found = new Set(steps);
  found.forEach((step) => step.dependencies.forEach((dependency) => found.add(dependency)));
  return found;
}
