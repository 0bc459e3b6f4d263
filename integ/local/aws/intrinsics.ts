/** Knows what a template's references mean. */
export interface References {
  ref(logicalId: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  exported(name: string): unknown;
}

/** Replaces CloudFormation's intrinsic functions in a piece of a template by their values. */
export function resolveIntrinsics(value: unknown, references: References): any {
  const resolve = (inner: unknown) => resolveIntrinsics(inner, references);
  if (Array.isArray(value)) return value.map(resolve).filter(item => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', undefined], ...more] = Object.entries(value);
  if (more.length > 0 || !(name === 'Ref' || name.startsWith('Fn::'))) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]).filter(([, inner]) => inner !== undefined));
  }
  switch (name) {
    case 'Ref': return references.ref(argument as string);
    case 'Fn::GetAtt': {
      const [logicalId, ...attribute] = Array.isArray(argument) ? argument : (argument as string).split('.');
      return references.attribute(logicalId, attribute.join('.'));
    }
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown];
      return resolve(parts).join(separator);
    }
    case 'Fn::Select': {
      const [index, list] = argument as [unknown, unknown];
      return resolve(list)[Number(resolve(index))];
    }
    case 'Fn::Split': {
      const [separator, text] = argument as [string, unknown];
      return resolve(text).split(separator);
    }
    case 'Fn::Sub': return substitute(argument, references);
    case 'Fn::ImportValue': return references.exported(resolve(argument));
    default: throw new Error(`the play does not know ${name}: ${JSON.stringify(value)}`);
  }
}

function substitute(argument: unknown, references: References): string {
  const [text, variables] = Array.isArray(argument) ? argument as [string, Record<string, unknown>] : [argument as string, {}];
  return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (name in variables) return resolveIntrinsics(variables[name], references);
    const [logicalId, ...attribute] = name.split('.');
    return String(attribute.length > 0 ? references.attribute(logicalId, attribute.join('.')) : references.ref(logicalId));
  });
}
