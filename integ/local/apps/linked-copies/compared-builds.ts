import * as fs from 'fs';
import * as path from 'path';
import { SourceChange } from './source-changes';
import { buildOciImage, OciImage } from '../../images/oci-image';
import { ImageContent } from '../../images/pushed-image';
import { freshDirectory } from '../../world/directories';
import { PlannedImage, PlannedImageTools } from '../planned-image';

/** One build with the runner beside one as the Dockerfile is written. */
export interface ComparedBuild {
  /** Undefined where the build fails. */
  readonly built?: ImageContent;
  readonly asWritten?: ImageContent;
  /** What the report says of the copies; `fails` where the build fails. */
  readonly copies: string;
  readonly log: string;
}

/** A Dockerfile and what happens to its context. */
export interface ComparedSource {
  readonly dockerfile: string;
  readonly write: (context: string) => Promise<void>;
  readonly changes: readonly SourceChange[];
}

/** Builds what is there first, and again after each change. */
export async function compareBuilds(tools: PlannedImageTools, { dockerfile, write, changes }: ComparedSource): Promise<ComparedBuild[]> {
  const context = freshDirectory('context');
  await write(context);
  const image = new PlannedImage(tools, withoutFrontend(dockerfile));
  const results: ComparedBuild[] = [];
  for (const change of [() => undefined, ...changes]) {
    change(context, dockerfile);
    const asWritten = await buildAsWritten(tools, dockerfile, context).catch(() => undefined);
    const { image: built, copies, log } = await image.build(context);
    results.push({ built, asWritten: asWritten && { config: asWritten.config, tree: asWritten.tree }, copies: built ? copies : 'fails', log });
  }
  return results;
}

export async function buildAsWritten({ buildKit }: Pick<PlannedImageTools, 'buildKit'>, dockerfile: string, context: string): Promise<OciImage> {
  const file = path.join(freshDirectory('dockerfile'), 'Dockerfile');
  fs.writeFileSync(file, withoutFrontend(dockerfile));
  return buildOciImage({ buildKit, context, dockerfile: file, directory: freshDirectory('image') });
}

/** The image of the frontend cannot be downloaded here. BuildKit has the newest one inside. */
function withoutFrontend(dockerfile: string): string {
  return dockerfile.replace(/^# syntax *=/, '# SYNTAX :');
}
