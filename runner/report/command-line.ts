/** A command as a person would type it into a shell. It is only ever printed. */
export function commandLine(program: string, args: readonly string[], environment: { readonly [name: string]: string } = {}): string {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`);
  return [...assignments, program, ...args.map(quoted)].join(' ');
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, '\'\\\'\'')}'`;
}
