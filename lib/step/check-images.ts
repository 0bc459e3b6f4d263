import { Stage } from 'aws-cdk-lib';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { IConstruct } from 'constructs';
import { CachedDockerImage } from '../image/cached-docker-image';

/** What builds images. */
export interface BuildPlace {
  /** The pipeline or the project. */
  readonly scope: IConstruct;
  /** What messages call it. */
  readonly what: 'step' | 'project';
}

/** Raises an error when images cannot be built by one build. */
export function checkImages(id: string, images: CachedDockerImage[], { scope, what }: BuildPlace): void {
  if (!images || images.length === 0) {
    throw new Error(`'${id}': images is empty; give the ${what} each CachedDockerImage that it builds`);
  }
  if (!scope) {
    throw new Error(`'${id}': pipeline is missing; give the step the CodePipeline that it belongs to`);
  }
  const twice = images.find((image, index) => images.indexOf(image) !== index);
  if (twice) {
    throw new Error(`'${id}': images has '${twice.node.path}' twice; name each image once`);
  }
  checkPlatform(id, images, what);
  images.forEach((image) => checkStage(id, image, scope, what === 'step' ? 'pipeline' : 'project'));
}

/** Raises an error when the commit of a source is not known where the pipeline synthesizes. */
export function checkPipelineSources(id: string, images: CachedDockerImage[], pipeline: pipelines.CodePipeline): void {
  for (const { _context: { source }, node } of images) {
    if (source && primarySource(pipeline) !== source) {
      throw new Error(`'${id}': the context of '${node.path}' is not the source that the pipeline's synth step starts from, so its commit is not known at synthesis; use that source, or DockerContext.directory()`);
    }
  }
}

/** All are built on one machine, natively. */
function checkPlatform(id: string, [first, ...others]: CachedDockerImage[], what: BuildPlace['what']): void {
  const other = others.find(({ _platform }) => _platform !== first._platform);
  if (other) {
    throw new Error(`'${id}': the images of a ${what} are built on one machine, got '${first.node.path}' for ${first._platform} and '${other.node.path}' for ${other._platform}; give each platform a ${what} of its own`);
  }
}

function checkStage(id: string, image: CachedDockerImage, scope: IConstruct, place: string): void {
  if (Stage.of(image) !== Stage.of(scope)) {
    throw new Error(`'${id}': the image '${image.node.path}' is not in the stage of the ${place} '${scope.node.path}'; define it in the stack of the ${place}, and hand it to the stages`);
  }
}

function primarySource(pipeline: pipelines.CodePipeline): pipelines.Step | undefined {
  const synth = pipeline.cloudAssemblyFileSet.producer;
  return synth instanceof pipelines.ShellStep ? synth.inputs.find(({ directory }) => directory === '.')?.fileSet.producer : undefined;
}
