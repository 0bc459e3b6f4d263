/** What is at each path of a context, as a text that is another one for other content: of files, links and empty directories. */
export type ContextContent = ReadonlyMap<string, string>;

/** That of each context of an image, by its name; of those that are not here, nothing is known. */
export type ContextContents = ReadonlyMap<string, ContextContent>;

/** The name of the context that has none. */
export const MAIN_CONTEXT = '';
