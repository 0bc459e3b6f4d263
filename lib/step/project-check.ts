import { Annotations, Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { DockerBuilder } from '../builder/docker-builder';

/** The aws-cdk-lib from which a pipeline hands these on to its projects. Those before silently leave them out. */
const HANDED_ON_SINCE = [['dockerServer', '2.218.0'], ['fleet', '2.233.0']] as const;

/** A project, as far as it is defined already. */
export interface CheckedProject {
  readonly id: string;
  readonly cache?: codebuild.Cache;
  /** What a pipeline was asked to hand on to it. */
  readonly buildEnvironment?: codebuild.BuildEnvironment;
  readonly project?: codebuild.IProject;
}

/** What of a project does not go together. That of a step is defined at the end of synthesis only, with what the pipeline's defaults add to it. */
export function projectErrors({ id, cache, buildEnvironment, project: checked }: CheckedProject, builder: DockerBuilder): string[] {
  const project = checked?.node.defaultChild as codebuild.CfnProject | undefined;
  if (!project) {
    return [];
  }
  const environment: codebuild.CfnProject.EnvironmentProperty = Stack.of(project).resolve(project.environment);
  const { dockerServer, computeType } = environment;
  const errors: string[] = [];
  for (const [property, version] of HANDED_ON_SINCE) {
    if (buildEnvironment?.[property] && !environment[property]) {
      errors.push(`'${id}': its ${property} does not reach the project, because the pipelines of this aws-cdk-lib leave it out; update aws-cdk-lib to ${version} or later`);
    }
  }
  if (dockerServer && !builder._bound.dockerServer) {
    errors.push(`'${id}': the pipeline's codeBuildDefaults give the build a Docker server, which ${builder._name} makes no use of;`
      + ' use DockerBuilder.dockerServer(), or leave the server to other builds with assetPublishingCodeBuildDefaults and synthCodeBuildDefaults');
  }
  if (builder._bound.dockerServer?.securityGroups?.length && !project.vpcConfig) {
    // No error: a test of the CDK deploys a project like that.
    Annotations.of(project).addWarningV2('cdk-cached-docker-build:dockerServerWithoutVpc',
      `'${id}': DockerBuilder.dockerServer() has securityGroups, which are those of a VPC, and the build is in none; give it the vpc, or leave them out`);
  }
  // The one cache that a build gives its project is codeBuildLocal(). See https://docs.aws.amazon.com/codebuild/latest/userguide/caching-local.html
  if (cache && (project.vpcConfig || computeType === codebuild.ComputeType.X2_LARGE)) {
    errors.push(`'${id}': LayerCache.codeBuildLocal() does not go with ${project.vpcConfig ? 'a VPC' : computeType}, with which CodeBuild keeps nothing; use LayerCache.inline()`);
  }
  return errors;
}

/** Undefined for a step that is in no pipeline. */
export function projectOf(step: pipelines.CodeBuildStep): codebuild.IProject | undefined {
  try {
    return step.project;
  } catch {
    return undefined;
  }
}
