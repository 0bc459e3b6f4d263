/** A map with its entries in the order of their names: some languages give them in another order each time. */
export function sortedByName<T>(values: { readonly [name: string]: T }): { [name: string]: T } {
  return Object.fromEntries(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1)));
}
