/** What a path of a build context is. */
export type SourceEntry = 'file' | 'link' | 'directory';

/** The files that `COPY` and `ADD` take from the build context, looked up by the paths that they name. */
export interface CopySources {
  /** What is at this path, if anything; links are not followed. */
  entry(source: string): SourceEntry | undefined;
  /** The paths that a source names, several if it has wildcards. Undefined if that cannot be told. */
  matches(source: string): string[] | undefined;
  /** Whether `ADD` might unpack a file. */
  mayBeArchive(file: string): boolean;
}
