import { builtImage, failedImage, presentImage, someReport } from './testhelpers/some-report';
import { buildPage } from '../../../runner/page/build-page';
import { BuildReport } from '../../../runner/page/build-report';

/** The texts of the page in their order, as one line. */
function textOf(...reports: BuildReport[]): string {
  const [, body] = buildPage(reports).split('</head>');
  return body.replace(/<[^>]*>/g, ' ').replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replace(/\s+/g, ' ');
}

/** The names of images in the order of the page, and whether they are open. */
function imagesOf(report: BuildReport): [name: string, isOpen: boolean][] {
  return [...buildPage([report]).matchAll(/<details class="image [a-z]+" id="image-\d+"( open)?>[^]*?<bdi>(.*?)<\/bdi>/g)].map(([, open, name]) => [name, open !== undefined]);
}

test('an image has its reason, its steps by stage with their times, its layers by size, its cache and its copies', () => {
  const text = textOf(someReport());
  expect(text).toContain('Build of 2 March 2026, 08:05 UTC ReportImage was built.');
  expect(text).toContain('Time 8.3 s Steps from the cache 40% 2 of 5 Layers pulled 36.8 MB New layers pushed 12.1 MB');
  expect(text).toContain('Why the first step ran requirements.txt changed COPY requirements.txt ./ in line 3');
  expect(text).toContain('Stage builder 2 WORKDIR /build Downloaded 1.9 s 3 COPY requirements.txt ./ Run 0.2 s 4 RUN pip install -r requirements.txt Run 3.1 s Stage 2 8 COPY');
  expect(text).toContain('9 COPY --link src /var/task/ Cached – none');
  expect(text).toContain('Downloaded: the cache had it, and a later step needed its files.');
  expect(text).toContain('Layers 47.2 MB in 3 layers, 31.0 MB of it new');
  expect(text).toMatch(/31\.0 MB COPY .* line 8 Run 16\.2 MB ADD file:1ab2 in \/ Base image 212 bytes COPY .* line 9 Cached/);
  expect(text).toContain('Cache read cache-ReportImage Cache written 111111111111.dkr.ecr.eu-west-1.amazonaws.com/report:cache-ReportImage Copies linked: 2 (lines 8, 9) Pulled 36.8 MB of layers Pushed 12.1 MB of layers');
  expect(text).toContain('Time build 6.8 s, publish 0.1 s, cache export 1.1 s');
});

test('when a step was worked on is drawn, and said', () => {
  const page = buildPage([someReport()]);
  expect(page).toContain('role="img" aria-label="from 2.3 s to 5.4 s"><rect x="418.2" y="1" width="563.6" height="8"/></svg>');
});

test('what the builder does not tell is not drawn', () => {
  const steps = [{ name: '[1/2] RUN make', state: 'run' }];
  const image = builtImage({ steps, layers: undefined, firstRun: undefined, copies: undefined, cache: {}, pulledBytes: undefined });
  const page = buildPage([someReport({ images: [image] })]);
  expect(page).not.toContain('class="bars" ');
  expect(page).not.toContain('Layers <span');
  expect(textOf(someReport({ images: [builtImage({ steps })] }))).toContain('RUN make Run unknown');
});

test('an image of which each step came from the cache says so', () => {
  const steps = builtImage().steps!.map((step) => ({ ...step, state: 'cached' }));
  expect(textOf(someReport({ images: [builtImage({ steps, firstRun: undefined })] }))).toContain('Each step came from the cache.');
});

test('of many layers, the small ones are folded away', () => {
  const layers = Array.from({ length: 11 }, (_, index) => ({ digest: `sha256:${index}`, bytes: (index + 1) * 1000 }));
  const text = textOf(someReport({ images: [presentImage({ layers })] }));
  expect(text).toMatch(/11\.0 kB sha256:10 .* 4\.0 kB sha256:3 3 smaller layers, 6\.0 kB .* 3\.0 kB sha256:2 /);
});

test('of a failed image, the steps until the failure are shown, and do not count for the build', () => {
  const [downloaded, run] = builtImage().steps!;
  const report = someReport({ images: [failedImage({ steps: [downloaded, run] }), builtImage()] });
  expect(textOf(report)).toContain('Steps from the cache 40% 2 of 5');
  expect(textOf(report)).toContain('Steps 1 of 2 from the cache, 50%');
});

describe('the images', () => {
  const [built, present, failed] = [builtImage({ name: 'Built' }), presentImage({ name: 'There' }), failedImage({ name: 'Failed' })];

  test('that failed come first, and those that were there last', () => {
    const report = someReport({ images: [present, built, failed] });
    expect(imagesOf(report).map(([name]) => name)).toEqual(['Failed', 'Built', 'There']);
    expect(textOf(report)).toContain('3 images: 1 failed, 1 was built, 1 was already there.');
  });

  test('are open while they are few, and else only those that failed, and of these a few', () => {
    expect(imagesOf(someReport({ images: [built, present, failed] })).map(([, isOpen]) => isOpen)).toEqual([true, true, true]);
    expect(imagesOf(someReport({ images: [built, present, failed, built] })).map(([, isOpen]) => isOpen)).toEqual([true, false, false, false]);
    expect(imagesOf(someReport({ images: Array(9).fill(failed) })).filter(([, isOpen]) => isOpen)).toHaveLength(3);
  });

  test('that are in the repository and failed after it are among those that failed', () => {
    const text = textOf(someReport({ images: [builtImage({ failure: 'the tag latest is denied' })] }));
    expect(text).toContain('ReportImage failed.');
    expect(text).toContain('Built, but failed after it');
    expect(text).toContain('Why it failed the tag latest is denied');
  });

  test('that failed, or whose cache does not work, need attention', () => {
    const unread = builtImage({ name: 'Unread', cache: { read: [{ from: 'cache', error: 'denied' }], failure: 'denied' } });
    const first = builtImage({ name: 'First', cache: { read: [{ from: 'cache', error: 'host/repository:cache: not found' }] } });
    const page = buildPage([someReport({ images: [first, failed, unread] })]);
    expect([...page.matchAll(/<li><a href="#(.*?)"><bdi>(.*?)<\/bdi><\/a> (.*?)<\/li>/g)].map(([, ...found]) => found)).toEqual([
      ['image-2', 'Failed', 'failed: process &#34;/bin/sh -c make&#34; did not complete successfully: exit code: 2'],
      ['image-3', 'Unread', 'the layer cache could not be read: denied'],
      ['image-3', 'Unread', 'the layer cache was not written: denied'],
    ]);
    expect(page).toContain('id="image-3"');
    expect(buildPage([someReport({ images: [first] })])).not.toContain('Needs attention');
  });
});

describe('the history', () => {
  const at = (day: number, values: Partial<BuildReport> = {}) => someReport({ startedAt: `2026-03-0${day}T08:00:00Z`, ...values });

  test('of one build says how to get one', () => {
    expect(textOf(at(1))).toContain('This page was made of one report.');
  });

  test('is in the order of the builds, whatever the order of the reports, and the newest is shown in full', () => {
    const text = textOf(at(3, { seconds: 61, images: [failedImage()] }), at(1), at(2, { images: [presentImage()], pulledBytes: undefined }));
    expect(text).toContain('Build of 3 March 2026, 08:00 UTC ReportImage failed.');
    expect(text).toMatch(/All 3 builds as a table .* 3 March 2026, 08:00 UTC 1 failed, 0 built 1 min 1 s no steps 36\.8 MB 2 March 2026, 08:00 UTC all there 8\.3 s no steps unknown 1 March 2026, 08:00 UTC 1 built 8\.3 s 40% 36\.8 MB/);
  });

  test('has reports without a time at its beginning', () => {
    const text = textOf(at(1), at(1, { startedAt: undefined, seconds: 1 }));
    expect(text).toMatch(/1 March 2026, 08:00 UTC 1 built 8\.3 s .* not known 1 built 1\.0 s/);
    expect(text).toContain('Build of 1 March 2026');
    expect(textOf(at(1, { startedAt: undefined }))).toContain('A build ReportImage was built.');
  });

  test('of very many builds draws the last ones, and has all in the table', () => {
    const page = buildPage(Array.from({ length: 70 }, (_, day) => someReport({ startedAt: new Date(day * 86400_000).toISOString() })));
    expect(page).toContain('The charts show the last 60 of 70 builds.');
    expect(page.match(/<rect class="done"/g)).toHaveLength(120);
    expect(page).toContain('All 70 builds as a table');
  });

  test('of builds that took no time, and of those without images, is no error', () => {
    expect(buildPage([at(1, { seconds: 0, images: [] }), at(2, { seconds: 0, images: [] })])).toContain('None of the builds had a step.');
  });
});

test('nothing of a report becomes markup', () => {
  const bad = '"><script>alert(1)</script>';
  const image = builtImage({
    name: bad,
    repository: bad,
    tag: bad,
    digest: bad,
    result: bad,
    failure: bad,
    phases: { [bad]: 1 },
    copies: bad,
    steps: [{ name: bad, state: bad }],
    layers: [{ digest: bad, bytes: 1, step: bad, state: bad }],
    firstRun: { step: bad, reasons: [{ kind: bad, text: bad }] },
    cache: { read: [{ from: bad, error: bad }], unread: bad, writtenTo: bad, failure: bad },
  });
  const page = buildPage([someReport({ builder: bad, baseImages: bad, phases: { [bad]: 1 }, images: [image] })]);
  expect(page).not.toMatch(/<script|"">/);
  expect(page.match(/alert\(1\)/g)!.length).toBeGreaterThan(15);
});

test('the page loads nothing and runs nothing', () => {
  const page = buildPage([someReport()]);
  expect(page).toMatch(/<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'">/);
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:|style="| on\w+=/);
});
