import { createHash } from 'crypto';
import { BuildReport, ImageReport, LayerReport, secondsOf, StepReport } from '../../runner/page/build-report';

/** Where images of the examples are. */
const REGISTRY = '111111111111.dkr.ecr.eu-west-1.amazonaws.com';

/** The first step of the image that runs, and why. */
interface Change {
  readonly first: number;
  readonly kind: string;
  readonly text: string;
}

const SOURCE: Change = { first: 5, kind: 'files', text: '`src/orders.py` changed' };
const DEPENDENCY: Change = { first: 1, kind: 'files', text: '`requirements.txt` changed' };
const BASE: Change = { first: 0, kind: 'base-image', text: 'the base image `public.ecr.aws/lambda/python:3.12` is another one' };
const NO_CACHE: Change = { first: 0, kind: 'empty-cache', text: 'nothing was in the cache yet' };

const STEPS: readonly { readonly name: string; readonly line: number; readonly text: string; readonly seconds: number }[] = [
  { name: '[builder 2/5]', line: 2, text: 'WORKDIR /build', seconds: 0.1 },
  { name: '[builder 3/5]', line: 3, text: 'COPY requirements.txt ./', seconds: 0.1 },
  { name: '[builder 4/5]', line: 4, text: 'RUN pip install --no-cache-dir -r requirements.txt -t /build/packages', seconds: 31.4 },
  { name: '[builder 5/5]', line: 5, text: 'RUN python -m compileall -q /build/packages', seconds: 6.2 },
  { name: '[stage-1 2/3]', line: 8, text: 'COPY --link --from=builder /build/packages /var/task/', seconds: 1.3 },
  { name: '[stage-1 3/3]', line: 9, text: 'COPY --link src /var/task/', seconds: 0.2 },
];

function stepOf(index: number): Pick<StepReport, 'name' | 'line'> {
  const { name, line, text } = STEPS[index];
  return { name: `${name} ${text}`, line };
}

function digest(seed: number): string {
  return `sha256:${createHash('sha256').update(String(seed)).digest('hex')}`;
}

/** An image that was built, as a Lambda function in Python has it. */
export function built(name: string, change: Change, index = 0, startedAt = START): ImageReport {
  let clock = 0.4;
  const steps = STEPS.map(({ seconds }, step): StepReport => {
    const isRun = step >= change.first;
    const isDownloaded = !isRun && step === change.first - 1 && change.first < 5;
    const taken = isRun ? seconds * (1 + index % 3 / 10) : isDownloaded ? 1.7 : 0;
    const times = taken > 0 ? [{ start: clock, seconds: taken }] : [];
    clock += taken;
    return { ...stepOf(step), state: isRun ? 'run' : isDownloaded ? 'downloaded' : 'cached', seconds: taken, times, pulledBytes: isDownloaded ? 41_873_112 : 0 };
  });
  const stateOf = (line: number) => steps.find((step) => step.line === line)!.state;
  const layers: LayerReport[] = [
    { digest: digest(1), bytes: 103_518_744, step: 'COPY /rootfs / ', state: 'base image' },
    { digest: digest(2), bytes: 27_100_930, step: 'RUN install-runtime python3.12', state: 'base image' },
    { digest: digest(3 + index), bytes: 58_412_007 + index * 31_000, step: STEPS[4].text, line: 8, state: stateOf(8) },
    { digest: digest(60 + index), bytes: 48_221 + index * 700, step: STEPS[5].text, line: 9, state: stateOf(9) },
  ];
  const tag = digest(100 + index).slice(7);
  const repository = `${REGISTRY}/shop-${name.toLowerCase()}`;
  const cache = `cache-Shop-${name}-linux-amd64`;
  return {
    name,
    repository,
    tag,
    digest: digest(200 + index),
    result: 'built',
    startedAt,
    phases: { 'context': 0.02, 'build': clock + 0.6, 'publish': 0.2, 'cache export': change === SOURCE ? 0 : 2.4 },
    pulledBytes: steps.reduce((sum, { pulledBytes = 0 }) => sum + pulledBytes, 0),
    pushedBytes: layers.reduce((sum, { bytes, state }) => sum + (state === 'run' ? bytes : 0), 0),
    steps,
    layers,
    firstRun: { step: STEPS[change.first].text, line: STEPS[change.first].line, reasons: [{ kind: change.kind, text: change.text }] },
    copies: 'linked: 2 (lines 8, 9)',
    cache: { read: [{ from: cache, ...change === NO_CACHE && { error: `${repository}:${cache}: not found` } }], written: change !== SOURCE, writtenTo: `${repository}:${cache}` },
  };
}

export function there(name: string, index = 0): ImageReport {
  const { repository, tag, digest: of, layers = [] } = built(name, SOURCE, index);
  return { name, repository, tag, digest: of, result: 'already there', phases: {}, layers: layers.map(({ digest: layer, bytes }) => ({ digest: layer, bytes })) };
}

export function failed(name: string, index = 0, startedAt = START): ImageReport {
  const { repository, tag, cache } = built(name, DEPENDENCY, index);
  return {
    name,
    repository,
    tag,
    result: 'failed',
    failure: 'the image could not be built or pushed: ERROR: failed to build: failed to solve: process "/bin/sh -c pip install --no-cache-dir -r requirements.txt -t /build/packages" did not complete successfully: exit code: 1',
    startedAt,
    phases: { context: 0.02, build: 7.9 },
    steps: [
      { ...stepOf(0), state: 'downloaded', seconds: 1.7, times: [{ start: 0.4, seconds: 1.7 }], pulledBytes: 41_873_112 },
      { ...stepOf(1), state: 'run', seconds: 0.1, times: [{ start: 2.1, seconds: 0.1 }], pulledBytes: 0 },
      { ...stepOf(2), state: 'run', seconds: 5.6, times: [{ start: 2.2, seconds: 5.6 }], pulledBytes: 0 },
    ],
    copies: undefined,
    cache: { read: cache!.read },
  };
}

const START = '2026-03-02T08:05:00.000Z';

/** A build of some images, a number of hours after the first one. */
export function build(images: readonly ImageReport[], hours = 0): BuildReport {
  const start = Date.parse(START) + hours * 3600_000;
  // Four at the same time.
  const offsets = images.map(({ startedAt }, index) => (startedAt === undefined ? undefined : 0.9 + Math.floor(index / 4) * 4));
  const moved = images.map((image, index) => {
    const offset = offsets[index];
    return offset === undefined ? image : { ...image, startedAt: new Date(start + offset * 1000).toISOString() };
  });
  const seconds = Math.max(0, ...moved.map((image, index) => (offsets[index] ?? 0) + secondsOf(image))) + 0.4;
  const isBuilt = moved.some(({ result }) => result !== 'already there');
  return {
    startedAt: new Date(start).toISOString(),
    seconds,
    phases: isBuilt ? { login: 0.2, lookup: 0.2, builder: 0.4, images: seconds - 0.9 } : { login: 0.2, lookup: 0.2 },
    builder: isBuilt ? 'a second Docker engine with containerd\'s image store' : undefined,
    pulledBytes: isBuilt ? moved.reduce((sum, { pulledBytes = 0 }) => sum + pulledBytes, 0) : undefined,
    pushedBytes: isBuilt ? moved.reduce((sum, { pushedBytes = 0 }) => sum + pushedBytes, 0) : undefined,
    images: moved,
  };
}

const NAMES = ['Orders', 'Payments', 'Invoices', 'Mailer', 'Thumbnails'];

/** Two weeks of an app with five images: what is not named was there already. */
export function twoWeeks(): BuildReport[] {
  const days: { readonly [name: string]: Change | 'failed' }[] = [
    { Orders: NO_CACHE, Payments: NO_CACHE, Invoices: NO_CACHE, Mailer: NO_CACHE, Thumbnails: NO_CACHE },
    { Orders: SOURCE }, { Payments: SOURCE, Mailer: SOURCE }, { Orders: SOURCE }, {}, { Invoices: DEPENDENCY }, { Orders: SOURCE },
    { Orders: BASE, Payments: BASE, Invoices: BASE, Mailer: BASE, Thumbnails: BASE },
    { Mailer: SOURCE }, { Orders: SOURCE, Payments: SOURCE }, { Thumbnails: 'failed' }, { Thumbnails: DEPENDENCY }, { Orders: SOURCE },
    { Orders: SOURCE, Payments: DEPENDENCY },
  ];
  return days.map((changes, day) => build(NAMES.map((name, index) => {
    const change = changes[name];
    return change === undefined ? there(name, index) : change === 'failed' ? failed(name, index) : built(name, change, index);
  }), day * 24 + (day * 5) % 7));
}

/** The build of one image. */
export function oneImage(): BuildReport {
  return build([built('Orders', DEPENDENCY)]);
}

/** Fifty images: two have failed, one has a cache that does not work, and most were there. */
export function fiftyImages(): BuildReport {
  return build(Array.from({ length: 50 }, (_, index): ImageReport => {
    const name = `Service${index + 1}`;
    if (index === 17 || index === 41) return failed(name, index);
    if (index === 20) return { ...built(name, DEPENDENCY, index), cache: { unread: 'the registry denies access (403)', written: false, failure: 'the registry denies access (403)' } };
    return index % 3 === 0 ? built(name, SOURCE, index) : there(name, index);
  }));
}

/** Names, reasons and errors that others would like to see do something. */
export function hostile(): BuildReport {
  const markup = '"><img src=x onerror="document.title=\'taken\'"><script>document.title=\'taken\'</script><style>*{display:none}</style>';
  const word = 'w'.repeat(600);
  const turned = '\u202egnp.exe\u2066 \x1b[31mred\0 \ud800';
  const texts = [markup, word, turned, 'https://example.com/?a=1&b=2', '`<b>`', 'שלום עולם'];
  return build(texts.flatMap((text, index): ImageReport[] => {
    const image = built('Orders', DEPENDENCY, index);
    const all = {
      name: text,
      repository: text,
      tag: text,
      digest: text,
      copies: text,
      phases: { [text]: 1 },
      cache: { read: [{ from: text, error: text }], writtenTo: text, written: true },
      layers: image.layers!.map((layer) => ({ ...layer, digest: text, step: text })),
    };
    return [
      { ...image, ...all, steps: image.steps!.map((step) => ({ ...step, name: `[${text} 2/3] RUN ${text}`, state: text })), firstRun: { step: text, line: 1, reasons: [{ kind: text, text }] } },
      { ...failed('Orders', index), ...all, layers: undefined, failure: text },
    ];
  }));
}
