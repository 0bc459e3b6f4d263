/** The indices of all, each behind those that it needs. Fails when some need each other. */
export function inputsFirst(needs: readonly (readonly number[])[]): number[] {
  const missing = needs.map((needed) => needed.length);
  const neededBy: number[][] = needs.map(() => []);
  needs.forEach((needed, index) => needed.forEach((other) => neededBy[other].push(index)));
  const order = missing.flatMap((count, index) => (count === 0 ? [index] : []));
  for (const index of order) { // which grows meanwhile
    for (const other of neededBy[index]) if (--missing[other] === 0) order.push(other);
  }
  if (order.length < needs.length) throw new Error('it has something that depends on itself');
  return order;
}
