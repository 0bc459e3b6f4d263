/** Markup. All of it was written here, or escaped. */
export class Html {
  constructor(public readonly text: string) {}
}

/** What can be put into markup. Text is escaped; nothing is left of undefined. */
export type Content = Html | string | number | undefined | readonly Content[];

/** Markup with text of others in it, as the tag of a template. */
export function html(parts: TemplateStringsArray, ...contents: Content[]): Html {
  return new Html(parts.map((part, index) => part + textOf(contents[index])).join(''));
}

function textOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Html) return content.text;
  return typeof content === 'object' ? content.map(textOf).join('') : escaped(String(content));
}

/** Text can neither end its element nor its attribute, nor hide itself, nor turn the direction of what follows. */
function escaped(text: string): string {
  return text
    // eslint-disable-next-line no-control-regex
    .replace(/[\0-\b\v-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]/g, '\ufffd')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(/[&<>"'`=]/g, (character) => `&#${character.charCodeAt(0)};`);
}
