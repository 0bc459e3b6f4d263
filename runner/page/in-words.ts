/** Numbers as people write them. */

export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 0.05) return '< 0.1 s';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** As registries and networks count them, in thousands. */
export function size(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const [unit, value] = UNITS.map(([name, factor]) => [name, bytes / factor] as const).find(([, inUnit]) => inUnit < 999.5) ?? ['TB', bytes / 1e12] as const;
  return `${value.toFixed(value < 99.95 ? 1 : 0)} ${unit}`;
}

const UNITS = [['kB', 1e3], ['MB', 1e6], ['GB', 1e9]] as const;

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** A share of 1. What is not all of it is not called so. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  return `${share < 1 && rounded === 100 ? 99 : share > 0 && rounded === 0 ? 1 : rounded}%`;
}

/** A time, such as `2 March 2026, 08:05 UTC`: builds and readers are in many places. */
export function moment(time: string): string {
  const date = new Date(time);
  return `${day(date)} ${date.getUTCFullYear()}, ${date.toISOString().slice(11, 16)} UTC`;
}

/** The same where there is little room: `2 Mar 08:05`. */
export function shortMoment(time: string): string {
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()].slice(0, 3)} ${date.toISOString().slice(11, 16)}`;
}

function day(date: Date): string {
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
