import * as fs from 'fs';
import * as path from 'path';
import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ContextFile } from '../../context/context-files';

/** Linux takes no longer target of a link: in bytes. */
const MAX_TARGET = 4095;

const NAMED = 3;

/**
 * Warns of files that seem to have been symbolic links. The source artifact of CodePipeline is a zip file that has the target of a link as the text of a file, so the image would hold
 * the text. In a clone, links are links.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
 */
export function warnOfFlattenedLinks(image: IConstruct, directory: string, files: readonly ContextFile[]): void {
  if (isInClone(directory)) {
    return;
  }
  const links = files.filter(({ type, size = 0 }) => type === 'file' && size > 0 && size <= MAX_TARGET).flatMap((file) => {
    const target = targetIn(directory, file);
    return target === undefined ? [] : [`${file.path} (${target})`];
  });
  if (links.length > 0) {
    const more = links.length > NAMED ? `, and ${links.length - NAMED} more` : '';
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:flattenedLink',
      `some files of the context hold nothing but the path of another file, as symbolic links do after a zip file: ${links.slice(0, NAMED).join(', ')}${more}; the image would hold these paths`
      + ' as text. Give the source of the pipeline codeBuildCloneOutput: true, so that links stay links');
  }
}

function isInClone(directory: string): boolean {
  const parent = path.dirname(directory);
  return fs.existsSync(path.join(directory, '.git')) || (parent !== directory && isInClone(parent));
}

/** What a file would lead to if it were a link to what is there. */
function targetIn(directory: string, file: ContextFile): string | undefined {
  const text = fs.readFileSync(path.join(directory, file.path), 'utf8');
  if (/[\0\n\r]/.test(text) || path.isAbsolute(text)) {
    return undefined;
  }
  const place = path.join(directory, file.path);
  const target = path.resolve(path.dirname(place), text);
  return target !== place && fs.existsSync(target) ? text : undefined;
}
