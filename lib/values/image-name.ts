import { PORT } from './port';

/** What tells a registry from the first part of a path: a dot or a port, in lower case. */
export const HOST = `(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9-]+(?::${PORT})?|[a-z0-9-]+:${PORT}`;

/** A part of a path. */
export const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';

const IMAGE = new RegExp(`^(?![0-9a-f]{64}$)(?:(?:${HOST})/)?${PART}(?:/${PART})*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`);

/**
 * Whether builders take this as the name of an image, with or without a registry, a tag and a digest. What looks like the id of an image is none.
 *
 * @see https://pkg.go.dev/github.com/distribution/reference
 */
export function isImageName(text: string): boolean {
  return IMAGE.test(text);
}
