import * as fs from 'fs';
import * as path from 'path';
import { LinkingLab } from './linking-lab';
import { buildOciImage } from '../../images/oci-image';
import { ImageContent } from '../../images/pushed-image';
import { freshDirectory } from '../../world/directories';
import { inLanes } from '../../world/in-lanes';
import { BuildSource, BuildTools, PlannedBuild, PlannedImages } from '../planned-images';

/** One build with the program of the builds beside one as the Dockerfile is written. */
export interface ComparedBuild extends PlannedBuild {
  readonly asWritten: BuildAsWritten;
}

/** An image, or why there is none. */
export interface BuildAsWritten {
  readonly image?: ImageContent;
  readonly failure?: string;
}

/** What is built at one time. */
export interface SourceState extends Omit<BuildSource, 'context'> {
  /** Makes the context what it is then, from what it was before: nothing at first. */
  readonly prepare: (context: string) => void | Promise<void>;
  /** @default true */
  readonly isCompared?: boolean;
}

export interface CompareOptions {
  /** Whether the last build is on another machine than those before. */
  readonly endsOnNewMachine?: boolean;
}

/** Builds images again and again, all of them at once. Gives the builds of each. */
export async function compareBuilds(
  lab: LinkingLab, images: readonly (readonly SourceState[])[], { endsOnNewMachine }: CompareOptions = {},
): Promise<ComparedBuild[][]> {
  const contexts = images.map(() => freshDirectory('context'));
  const planned = new PlannedImages(lab);
  const last = images[0].length - 1;
  const results: ComparedBuild[][] = images.map(() => []);
  for (const time of images[0].keys()) {
    if (endsOnNewMachine && time === last) await lab.takeNewMachine();
    const sources = await Promise.all(images.map(async (states, index): Promise<BuildSource> => {
      const { prepare, dockerfile, target, buildArgs } = states[time];
      await prepare(contexts[index]);
      return { context: contexts[index], dockerfile: withoutFrontend(dockerfile), target, buildArgs };
    }));
    const compared = sources.filter((_, index) => images[index][time].isCompared ?? true);
    const [builds, asWritten] = await Promise.all([planned.build(sources), buildAsWritten(lab, compared)]);
    results.forEach((result, index) => result.push({ ...builds[index], asWritten: asWritten[compared.indexOf(sources[index])] ?? {} }));
  }
  return results;
}

/** Builds images as their Dockerfiles are written. */
export async function buildAsWritten({ buildKit }: Pick<BuildTools, 'buildKit'>, sources: readonly BuildSource[]): Promise<BuildAsWritten[]> {
  const builds = inLanes(sources, 2, async ({ dockerfile, context, target, buildArgs = {} }): Promise<BuildAsWritten> => {
    const file = path.join(freshDirectory('dockerfile'), 'Dockerfile');
    fs.writeFileSync(file, withoutFrontend(dockerfile));
    const options = Object.entries(buildArgs).map(([name, value]) => `--build-arg=${name}=${value}`);
    const directory = freshDirectory('image');
    const { config, tree } = await buildOciImage({ buildKit, context, dockerfile: file, target, options, directory });
    fs.rmSync(directory, { recursive: true });
    return { image: { config, tree } };
  });
  return Promise.all(sources.map(async source => builds.get(source)!.catch((error: Error) => ({ failure: error.message }))));
}

/** The image of the frontend cannot be downloaded here. BuildKit has the newest one inside. */
function withoutFrontend(dockerfile: string): string {
  return dockerfile.replace(/^# syntax *=/, '# SYNTAX :');
}
