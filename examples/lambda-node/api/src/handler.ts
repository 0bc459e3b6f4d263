import ms from 'ms';

export async function handler(): Promise<string> {
  return `This function has been ready for ${ms(Math.round(process.uptime() * 1000))}.`;
}
