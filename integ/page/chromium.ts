import { Browser, chromium } from 'playwright-core';
import { findProgram } from '../local/parts/system-programs';

/** The browser of the machine, as Debian and others call it; undefined where there is none. */
export const chromiumProgram = ['chromium', 'chromium-browser', 'google-chrome'].map((name) => findProgram(name)).find(Boolean);

/** Starts it with a profile of its own. It asks nobody for anything but for what a page asks for. */
export async function startChromium(): Promise<Browser> {
  if (chromiumProgram === undefined) throw new Error('this machine has no chromium: apt-get install chromium');
  return chromium.launch({
    executablePath: chromiumProgram,
    args: [
      '--no-sandbox', // as root, it has none
      '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}
