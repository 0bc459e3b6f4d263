import { ImageReport, isFailed } from './build-report';
import { readError } from '../cache/read-error';

/** What somebody has to look at: that an image failed, and that its layer cache does not work. */
export function troublesOf(image: ImageReport): string[] {
  const { failure, cache: { read = [], unread, failure: unwritten } = {} } = image;
  const broken = readError({ imports: read.map(({ from, error = '' }) => ({ from, error })), unreadCache: unread });
  return [
    ...isFailed(image) ? [failure === undefined ? 'failed' : `failed: ${causeOf(failure)}`] : [],
    ...broken === undefined ? [] : [`the layer cache could not be read: ${broken}`],
    ...unwritten === undefined ? [] : [`the layer cache was not written: ${unwritten}`],
  ];
}

/** A failure without what all failures of BuildKit begin with, for where there is little room. */
export function causeOf(failure: string): string {
  return failure.replace(/^the image could not be built or pushed: (ERROR: )?(failed to build: )?(failed to solve: )?(?=.)/, '');
}
