import * as fs from 'fs';
import * as path from 'path';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { BoundContext } from './bound-context';
import { isImageName } from '../values/image-name';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/**
 * Where the files of a build come from.
 */
export abstract class DockerContext {
  /**
   * A directory that is there at synthesis. Its files travel in the cloud assembly, and the image is built only when they have changed.
   *
   * A `.dockerignore` counts as it does for Docker. Files get the modes of a git checkout: readable for all, executable or not.
   *
   * @param directory a path, absolute or relative to the working directory; best made with `path.join(__dirname, ...)`
   */
  public static directory(directory: string): DockerContext {
    return new (class extends DockerContext {
      public _bind(image: string): BoundContext {
        const absolute = path.resolve(directory);
        if (!fs.statSync(absolute, { throwIfNoEntry: false })?.isDirectory()) {
          throw new Error(`'${image}': the context must be a directory, got ${JSON.stringify(directory)}, which is ${absolute} here; make the path with path.join(__dirname, ...)`);
        }
        return { directory: absolute };
      }
    })();
  }

  /**
   * The source of the pipeline, for images whose build needs the whole repository. Each commit is then built, and tagged with its id.
   *
   * It has to be the source that the pipeline's synth step starts from: only its commit is known at synthesis.
   *
   * @param source the source of the pipeline
   * @param directory a folder of the source
   */
  public static pipelineSource(source: pipelines.CodePipelineSource, directory: string = '.'): DockerContext {
    return new (class extends DockerContext {
      public _bind(image: string): BoundContext {
        const folder = path.posix.normalize(directory);
        if (path.posix.isAbsolute(folder) || folder.split('/').includes('..')) {
          throw new Error(`'${image}': the folder of a source must be inside the source, got ${JSON.stringify(directory)}`);
        }
        return { source, directory: folder };
      }
    })();
  }

  /**
   * The files of another image, as one of the `buildContexts`: it takes the place of a stage or of an image that the Dockerfile names.
   *
   * Raises an error when the address cannot be one, or is not known at synthesis.
   *
   * @param address the image as a Dockerfile names it, such as `public.ecr.aws/docker/library/python:3.12`
   */
  public static image(address: string): DockerContext {
    if (!isKnownAtSynthesis(address) || !isImageName(address)) {
      throw new Error(`DockerContext.image(): address must be that of an image, known at synthesis, got ${JSON.stringify(address)}; for example 'public.ecr.aws/docker/library/python:3.12'`);
    }
    return new (class extends DockerContext {
      public _bind(): BoundContext {
        return { directory: '', image: address };
      }
    })();
  }

  private constructor() {}

  /**
   * The files for one image.
   * @internal
   */
  public abstract _bind(image: string): BoundContext;
}
