/** What a build sends to Amazon CloudWatch: what it does not send is left out. */
interface BuildValues {
  /** When it was, in hours from the beginning. */
  readonly hour: number;
  readonly [metric: string]: number | undefined;
}

export const DAYS = 28;

/** Four weeks of a step: a source change on most days, a dependency at times, a new base image once, and one failure of the network. */
function buildsOf(step: string): BuildValues[] {
  const isLarge = step === 'BuildApi';
  const images = isLarge ? 3 : 2;
  return Array.from({ length: DAYS }, (_, day) => day).filter((day) => day % 7 < 5).flatMap((day) => [10, 15].flatMap((time, run): BuildValues[] => {
    const number = day * 2 + run + (isLarge ? 0 : 1);
    const hour = day * 24 + time + (isLarge ? 0 : 1);
    if (number % 5 === 3) return [{ hour, ImagesBuilt: 0, ImagesSkipped: images, CacheErrors: 0 }];
    const isBase = day === 15 && run === 0;
    const isDependency = number % 13 === 6;
    const built = isBase ? images : 1 + number % images % 2;
    const slow = isBase ? 210 : isDependency ? 74 : 5;
    return [{
      hour,
      CacheHitRatio: isBase ? 0 : isDependency ? 42 : 83 + number % 3 * 5,
      Duration: slow * (isLarge ? 1 : 0.6) + number % 4,
      ImagesBuilt: built,
      ImagesSkipped: images - built,
      CacheErrors: day === 22 && isLarge && run === 1 ? 1 : 0,
      BytesPulled: isBase ? 310e6 : isDependency ? 96e6 : 0,
      BytesPushed: (isBase ? 260e6 : isDependency ? 58e6 : 0.2e6) * (isLarge ? 1 : 0.7),
    }];
  }));
}

const STATISTICS: { readonly [name: string]: (values: readonly number[]) => number } = {
  Average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  p50: (values) => [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) / 2)],
};

/** The values of a metric of a step, each with its time in hours. A period without builds has none. */
export function valuesOf(step: string, metric: string, statistic = 'Average', period = DAYS * 24): [hour: number, value: number][] {
  const of = STATISTICS[statistic];
  const periods = new Map<number, number[]>();
  for (const { hour, [metric]: value } of buildsOf(step)) {
    if (value !== undefined) periods.set(Math.floor(hour / period), [...periods.get(Math.floor(hour / period)) ?? [], value]);
  }
  if (!of || periods.size === 0) throw new Error(`the made-up builds have no ${metric}, or nobody knows its ${statistic}`);
  return [...periods].map(([index, values]) => [index * period, of(values)]);
}
