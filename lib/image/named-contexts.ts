import { Construct } from 'constructs';
import { warnOfFlattenedLinks } from './checks/warn-of-flattened-links';
import { warnOfSize } from './checks/warn-of-size';
import { DockerContext } from '../context/docker-context';
import { stageFiles } from '../context/staged-context';
import { NamedContext } from '../plan/image-plan';
import { isImageName } from '../values/image-name';

/** Puts further contexts into the cloud assembly, by their names. Raises an error for one that is a source, and for what cannot be a name. */
export function stageNamedContexts(image: Construct, contexts: { readonly [name: string]: DockerContext }): { [name: string]: NamedContext } {
  const staged: { [name: string]: NamedContext } = {};
  for (const name of Object.keys(contexts).sort()) { // some languages give them in another order each time
    if (!isContextName(name)) {
      throw new Error(`'${image.node.path}': buildContexts takes names as those of stages or images, in lower case, but not 'scratch', got ${JSON.stringify(name)}; for example 'shared', which COPY --from=shared takes files from`);
    }
    const { source, directory, image: address } = contexts[name]._bind(image.node.path);
    if (source) {
      throw new Error(`'${image.node.path}': buildContexts.${name} cannot be a source of the pipeline; use DockerContext.directory() or DockerContext.image()`);
    }
    if (address !== undefined) {
      staged[name] = { image: address };
      continue;
    }
    const files = stageFiles(image, directory);
    warnOfSize(image, files);
    warnOfFlattenedLinks(image, directory, files.files);
    staged[name] = { path: files.path, files: files.manifest };
  }
  return staged;
}

/** What BuildKit takes as the name of a context: the same as the name of an image, but in lower case. What is called `scratch` is empty, whatever it is given. */
function isContextName(name: string): boolean {
  return name !== 'scratch' && isImageName(name) && name === name.toLowerCase() && !name.includes('@');
}

/** What each of them holds, for the tag of the image. */
export function contentOf(contexts: { readonly [name: string]: NamedContext }): { [name: string]: string | undefined } {
  return Object.fromEntries(Object.entries(contexts).map(([name, { files, image }]) => [name, files?.hash ?? image]));
}
