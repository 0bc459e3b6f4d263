/** Names and what belongs to them, a line each. One without a name goes on with the one above. */
export function pairs(all: readonly (readonly [name: string, value: string])[]): string[] {
  return all.map(([name, value]) => `${name.padEnd(14)}${value}`);
}
