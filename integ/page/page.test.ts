import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { pathToFileURL } from 'url';
import axe from 'axe-core';
import { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumProgram, startChromium } from './chromium';
import { build, built, fiftyImages, hostile, oneImage, there, twoWeeks } from './reports';
import { buildPage } from '../../runner/page/build-page';
import { BuildReport } from '../../runner/page/build-report';

// The page as people have it: in a browser, without a network.

if (chromiumProgram === undefined) console.log('this machine has no chromium, so the tests of the page in a browser are skipped; apt-get install chromium gives it');

const PAGES: { readonly [name: string]: BuildReport[] } = {
  'one image': [oneImage()],
  'two weeks': twoWeeks(),
  'fifty images': [fiftyImages()],
  'hostile texts': [hostile(), { ...hostile(), startedAt: undefined }],
  'no image': [build([])],
};

const PHONE = 360;
const SCREEN = 1280;

let browser: Browser;
let directory: string;
let context: BrowserContext | undefined;
/** What the page has asked for, and what the browser complained of. */
let requests: string[];
let complaints: string[];

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'page-'));
  for (const [name, reports] of Object.entries(PAGES)) fs.writeFileSync(fileOf(name), buildPage(reports));
  if (chromiumProgram !== undefined) browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
  fs.rmSync(directory, { recursive: true });
});

afterEach(async () => {
  await context?.close();
  context = undefined;
});

function fileOf(name: string): string {
  return path.join(directory, `${name.replace(' ', '-')}.html`);
}

async function open(name: string, { width = SCREEN, colorScheme = 'light' as 'light' | 'dark' } = {}): Promise<Page> {
  context = await browser.newContext({ offline: true, viewport: { width, height: 800 }, colorScheme });
  const page = await context.newPage();
  requests = [];
  complaints = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(dialog.message()));
  await page.goto(pathToFileURL(fileOf(name)).href);
  return page;
}

/** Opens everything that is closed. */
async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
}

/** What a well-kept checker has against the page, such as too little contrast. */
async function problemsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(' | ')}`);
}

const inBrowser = chromiumProgram === undefined ? describe.skip : describe;

inBrowser.each(Object.keys(PAGES))('the page of %s', (name) => {
  test.each([
    ['light', PHONE, SCREEN], ['dark', SCREEN, PHONE],
  ] as const)('has contrast, landmarks, headings in their order and names for everything, in %s colors', async (colorScheme, closed, opened) => {
    const page = await open(name, { colorScheme, width: closed });
    expect(await problemsOf(page)).toEqual([]);
    await page.setViewportSize({ width: opened, height: 800 });
    await unfold(page);
    expect(await problemsOf(page)).toEqual([]);
  });

  test('is no wider than a phone, open or closed', async () => {
    const page = await open(name, { width: PHONE });
    const width = async () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(PHONE);
    await unfold(page);
    expect(await width()).toBe(PHONE);
    // Nor is a part of it cut off, but for the line of a closed image.
    const cut = await page.evaluate(() => [...document.querySelectorAll('main *, header *')].filter((element) => (
      element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.gist, svg, .hidden, thead'))).map((element) => element.outerHTML.slice(0, 100)));
    expect(cut).toEqual([]);
  });

  test('asks for nothing but itself, and the browser has nothing to complain of', async () => {
    const page = await open(name);
    await unfold(page);
    await page.waitForLoadState('networkidle');
    expect(requests).toEqual([pathToFileURL(fileOf(name)).href]);
    expect(complaints).toEqual([]);
  });

  test('opens and closes every part with a keyboard alone', async () => {
    const page = await open(name);
    const isVisible = (summary: Element) => summary.checkVisibility({ contentVisibilityAuto: true });
    const wanted = await page.$$eval('summary', (all, visible) => all.filter(new Function(`return ${visible}`)() as typeof isVisible).length, String(isVisible));
    const reached = new Set<number>();
    for (let presses = 0; presses < wanted + 300 && reached.size < wanted; presses++) {
      await page.keyboard.press('Tab');
      const found = await page.evaluate(() => {
        const focused = document.activeElement!;
        const { outlineStyle } = getComputedStyle(focused);
        return { place: [...document.querySelectorAll('summary')].indexOf(focused as HTMLElement), outlineStyle, isOpen: (focused.parentElement as HTMLDetailsElement).open };
      });
      if (found.place < 0) continue;
      expect(found.outlineStyle).toBe('solid');
      reached.add(found.place);
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => (document.activeElement!.parentElement as HTMLDetailsElement).open)).toBe(!found.isOpen);
      await page.keyboard.press('Enter'); // as it was, so that Tab does not lead into it
    }
    expect(reached.size).toBe(wanted);
  });

  test('says each state in words, and each drawing has words or is none for readers', async () => {
    const page = await open(name);
    const silent = await page.evaluate(() => [
      ...[...document.querySelectorAll('.state')].filter((state) => state.textContent!.trim() === ''),
      ...[...document.querySelectorAll('svg')].filter((svg) => svg.getAttribute('aria-hidden') !== 'true' && !(svg.getAttribute('role') === 'img' && svg.getAttribute('aria-label'))),
    ].map((element) => element.outerHTML));
    expect(silent).toEqual([]);
  });

  test('is on paper what it is when everything is open', async () => {
    const page = await open(name, { colorScheme: 'dark', width: 700 });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const hidden = await page.$$eval('.body, .more table', (all) => all.filter((body) => body.getBoundingClientRect().height < 20).length);
    expect(hidden).toBe(0);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(700);
    if (name !== 'two weeks') return;
    expect(await page.$$eval('h4', (all) => all.filter((title) => title.getBoundingClientRect().height > 40).length)).toBe(0); // each name on a line
    expect(await problemsOf(page)).toEqual([]);
  });
});

inBrowser('a page', () => {
  test('has tables for readers of a phone, too, though they look like lists there', async () => {
    const rolesAt = async (width: number) => {
      const page = await open('one image', { width });
      const session = await page.context().newCDPSession(page);
      const { nodes } = await session.send('Accessibility.getFullAXTree');
      const roles = nodes.filter(({ ignored }) => !ignored).map(({ role }) => String(role?.value));
      await context!.close();
      return ['table', 'row', 'rowheader', 'columnheader', 'cell'].map((wanted) => [wanted, roles.filter((role) => role === wanted).length]);
    };
    const onScreen = await rolesAt(SCREEN);
    expect(onScreen).toEqual(expect.arrayContaining([['table', 2], ['rowheader', expect.any(Number)]]));
    expect(await rolesAt(PHONE)).toEqual(onScreen);
  });

  test('shows one image open, with the reason of its first step', async () => {
    const page = await open('one image');
    expect(await page.locator('details.image').getAttribute('open')).not.toBeNull();
    await expect(page.locator('.reason').innerText()).resolves.toMatch(/^Why the first step ran\s+requirements\.txt changed\s+COPY requirements\.txt \.\/ in line 3$/);
  });

  test('of fifty images shows the failed ones first and open, and all others closed', async () => {
    const page = await open('fifty images');
    expect(await page.$$eval('details.image', (all) => all.map((details) => [details.querySelector('h4')!.textContent!.trim(), (details as HTMLDetailsElement).open]).slice(0, 3))).toEqual([
      ['Service18', true], ['Service42', true], ['Service1', false],
    ]);
    expect(await page.$$eval('details.image[open]', (all) => all.length)).toBe(2);
    expect(await page.$$eval('h3', (all) => all.map((title) => title.textContent!.trim()))).toEqual(['Failed 2', 'Built 18', 'Already there 30']);
    expect(await page.locator('.troubles li').allInnerTexts()).toEqual([
      expect.stringMatching(/^Service18 failed: process "\/bin\/sh -c pip install /), expect.stringMatching(/^Service21 the layer cache could not be read: the registry denies access \(403\)$/),
      expect.stringMatching(/^Service21 the layer cache was not written/), expect.stringMatching(/^Service42 failed/),
    ]);
    await page.locator('.troubles a').nth(1).click();
    expect(new URL(page.url()).hash).toBe('#image-21');
  });

  test('of several builds has a bar for each in both charts, and all of them in a table', async () => {
    const page = await open('two weeks');
    expect(await page.$$eval('.chart', (charts) => charts.map((chart) => chart.querySelectorAll('rect').length))).toEqual([14, 12]); // two had no steps
    expect(await page.getByRole('img', { name: /^Time of 14 builds: from / }).count()).toBe(1);
    await page.getByText('All 14 builds as a table').click();
    expect(await page.locator('.builds tbody tr').count()).toBe(14);
    await expect(page.locator('.builds tbody tr').first().innerText()).resolves.toMatch(/^15 March 2026, \d\d:\d\d UTC\s+2 built\s+\d+ s\s+\d+%\s+41\.9 MB$/);
  });

  test('with hostile texts has them as texts only', async () => {
    const page = await open('hostile texts');
    await unfold(page);
    expect(await page.title()).not.toBe('taken');
    expect(await page.$$eval('script, img, iframe, object, [onerror], [style], style', (all) => all.map(({ tagName }) => tagName))).toEqual(['STYLE']);
    expect(await page.$$eval('a', (links) => links.every((link) => link.getAttribute('href')!.startsWith('#')))).toBe(true);
    // eslint-disable-next-line no-control-regex
    expect(await page.evaluate(() => document.body.textContent)).not.toMatch(/[\u202a-\u202e\u2066-\u2069\x1b\0]/);
    expect(await page.getByText('<script>document.title=\'taken\'</script>').count()).toBeGreaterThan(0);
  });

  test('would not run what it may have overlooked', async () => {
    const reports = [build([built('Orders', { first: 0, kind: 'files', text: 'x' }), there('Mailer')])];
    const file = path.join(directory, 'injected.html');
    fs.writeFileSync(file, buildPage(reports).replace('</main>', '<script>document.title = "taken"</script><style>main { display: none }</style><img src="https://example.com/"></main>'));
    const page = await open('injected');
    expect(await page.title()).not.toBe('taken');
    expect(await page.locator('main').isVisible()).toBe(true);
    expect(complaints).toHaveLength(3); // of the policy
  });
});
