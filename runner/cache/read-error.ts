import { saysMissing } from './missing-cache';
import { ImageResult } from '../image/image-result';

/** Why a layer cache could not be read, if it could not. That there is none yet is no error. */
export function readError({ imports = [], unreadCache }: Pick<ImageResult, 'imports' | 'unreadCache'>): string | undefined {
  return unreadCache ?? imports.map(({ error }) => error).find((error) => error !== '' && !saysMissing(error));
}
