import { createHash } from 'crypto';
import { crc32 } from 'zlib';
import { buildPage } from '../../runner/page/build-page';
import { startChromium } from '../page/chromium';
import { twoWeeks } from '../page/reports';

/** What the picture is of. */
export function photographedPage(): string {
  return buildPage(twoWeeks());
}

/** The page of two weeks with one of its images open, as a PNG that says which page it was taken of: two browsers give two pictures of one page. */
export async function photographPage(): Promise<Buffer> {
  const browser = await startChromium();
  try {
    const context = await browser.newContext({ offline: true, viewport: { width: 960, height: 800 }, colorScheme: 'light', deviceScaleFactor: 0.8 });
    const page = await context.newPage();
    await page.setContent(photographedPage());
    await page.locator('details.image', { hasText: 'Payments' }).locator('summary').first().click();
    const { y, height } = (await page.locator('section', { hasText: 'All 14 builds' }).boundingBox())!;
    const picture = await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: 960, height: y + height + 16 } });
    return withSource(picture, digestOf(photographedPage()));
  } finally {
    await browser.close();
  }
}

/** The digest of the page that a picture was taken of; undefined if it does not say it. */
export function sourceOf(png: Buffer): string | undefined {
  return new RegExp(`tEXt${KEY}\0([0-9a-f]{64})`).exec(png.toString('latin1'))?.[1];
}

export function digestOf(page: string): string {
  return createHash('sha256').update(page).digest('hex');
}

const KEY = 'Source';

/** Behind the eight bytes that say that it is a PNG, and the part with its size. */
const FIRST_PART = 8 + 25;

function withSource(png: Buffer, digest: string): Buffer {
  const content = Buffer.from(`tEXt${KEY}\0${digest}`, 'latin1');
  const [length, check] = [content.length - 4, crc32(content)].map((number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(number);
    return bytes;
  });
  return Buffer.concat([png.subarray(0, FIRST_PART), length, content, check, png.subarray(FIRST_PART)]);
}
