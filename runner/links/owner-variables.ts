import { TrailingCopy } from './trailing-copies';

/** Whether the environment of the image gives the variables of a copy's `--chown` other values than the Dockerfile: those of a base image win over its `ARG`s. */
export function isOverridden({ instruction, owner }: TrailingCopy, environment: readonly string[] = []): boolean {
  const written = instruction.flags.find(({ name }) => name === 'chown')?.value ?? '';
  const values = new Map(environment.map((variable) => [variable.slice(0, variable.indexOf('=')), variable.slice(variable.indexOf('=') + 1)]));
  let isSet = false;
  const now = written.replace(/\$(?:\{(\w+)[^}]*\}|(\w+))/g, (whole, inBraces: string | undefined, alone: string) => {
    const name = inBraces ?? alone;
    isSet ||= values.has(name);
    return values.get(name) ?? whole;
  });
  return isSet && now !== owner;
}
