import { Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as lambda from 'aws-cdk-lib/aws-lambda';

/** An image as what runs it knows it. */
export interface RunnableImage {
  readonly path: string;
  readonly platform: string;
  /** Its address, as a template has it. */
  readonly uri: string;
}

/** The functions and Fargate tasks of a stack that have other processors than the image they run. What runs on machines of its own is not known. */
export function architectureErrors(stack: Stack, image: RunnableImage): string[] {
  const wanted = { 'linux/amd64': 'x86_64', 'linux/arm64': 'arm64' }[image.platform];
  const uri = JSON.stringify(stack.resolve(image.uri));
  if (!wanted) {
    return [];
  }
  return stack.node.findAll().filter((construct) => Stack.of(construct) === stack).flatMap((construct) => {
    const has = construct instanceof lambda.CfnFunction ? ofFunction(stack, construct, uri)
      : construct instanceof ecs.CfnTaskDefinition ? ofTask(stack, construct, uri) : undefined;
    return has === undefined || has === wanted ? []
      : `'${construct.node.path}' runs on ${has}, but its image '${image.path}' is built for ${image.platform}; give both the same architecture`;
  });
}

function ofFunction(stack: Stack, resource: lambda.CfnFunction, uri: string): string | undefined {
  const { imageUri } = stack.resolve(resource.code) ?? {};
  const architectures = stack.resolve(resource.architectures) ?? ['x86_64'];
  return JSON.stringify(imageUri) === uri && typeof architectures[0] === 'string' ? architectures[0] : undefined;
}

function ofTask(stack: Stack, resource: ecs.CfnTaskDefinition, uri: string): string | undefined {
  const containers: { image?: unknown }[] = stack.resolve(resource.containerDefinitions) ?? [];
  const onFargate = resource.requiresCompatibilities?.includes('FARGATE');
  const architecture = stack.resolve(resource.runtimePlatform)?.cpuArchitecture ?? (onFargate ? 'X86_64' : undefined);
  return containers.some((container) => JSON.stringify(container.image) === uri) && typeof architecture === 'string' ? architecture.toLowerCase() : undefined;
}
