/** A command as a person would type it into a shell. It is only ever printed. */
export function commandLine(program: string, args: readonly string[], environment: { readonly [name: string]: string } = {}): string {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`);
  return [...assignments, program, ...args.map(quoted)].join(' ');
}

function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  // eslint-disable-next-line no-control-regex
  if (!/[\0-\x1f\x7f]/.test(text)) return `'${text.replace(/'/g, '\'\\\'\'')}'`;
  // eslint-disable-next-line no-control-regex
  return `$'${text.replace(/['\\]/g, '\\$&').replace(/[\0-\x1f\x7f]/g, (character) => NAMED[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}'`;
}

const NAMED: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
