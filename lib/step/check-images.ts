import { Stage } from 'aws-cdk-lib';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerImage } from '../image/cached-docker-image';

/** Raises an error when images cannot be built by one step of a pipeline. */
export function checkImages(id: string, images: CachedDockerImage[], pipeline: pipelines.CodePipeline): void {
  if (!images || images.length === 0) {
    throw new Error(`'${id}': images is empty; give the step each CachedDockerImage that it builds`);
  }
  if (!pipeline) {
    throw new Error(`'${id}': pipeline is missing; give the step the CodePipeline that it belongs to`);
  }
  const twice = images.find((image, index) => images.indexOf(image) !== index);
  if (twice) {
    throw new Error(`'${id}': images has '${twice.node.path}' twice; name each image once`);
  }
  checkPlatform(id, images);
  images.forEach((image) => checkPlace(id, image, pipeline));
}

/** All are built on one machine, natively. */
function checkPlatform(id: string, [first, ...others]: CachedDockerImage[]): void {
  const other = others.find(({ _platform }) => _platform !== first._platform);
  if (other) {
    throw new Error(`'${id}': the images of a step are built on one machine, got '${first.node.path}' for ${first._platform} and '${other.node.path}' for ${other._platform}; give each platform a step of its own`);
  }
}

function checkPlace(id: string, image: CachedDockerImage, pipeline: pipelines.CodePipeline): void {
  if (Stage.of(image) !== Stage.of(pipeline)) {
    throw new Error(`'${id}': the image '${image.node.path}' is not in the stage of the pipeline '${pipeline.node.path}'; define it in the stack of the pipeline, and hand it to the stages`);
  }
  const source = image._context.source;
  if (source && primarySource(pipeline) !== source) {
    throw new Error(`'${id}': the context of '${image.node.path}' is not the source that the pipeline's synth step starts from, so its commit is not known at synthesis; use that source, or DockerContext.directory()`);
  }
}

function primarySource(pipeline: pipelines.CodePipeline): pipelines.Step | undefined {
  const synth = pipeline.cloudAssemblyFileSet.producer;
  return synth instanceof pipelines.ShellStep ? synth.inputs.find(({ directory }) => directory === '.')?.fileSet.producer : undefined;
}
