/** What a registry takes as a tag, in words. */
export const TAG_RULE = 'letters, digits, \'_\', \'.\' and \'-\', at most 128 of them';

/** Whether a registry takes it as a tag. */
export function isTag(text: string): boolean {
  return /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(text);
}
