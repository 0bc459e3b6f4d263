import { saysMissing } from './missing-cache';
import { CacheImport } from '../solve/solve-progress';

/** Why a layer cache could not be read, if it could not. That there is none yet is no error. */
export function readError({ imports = [], unreadCache }: { readonly imports?: readonly CacheImport[]; readonly unreadCache?: string }): string | undefined {
  return unreadCache ?? imports.map(({ error }) => error).find((error) => error !== '' && !saysMissing(error));
}
