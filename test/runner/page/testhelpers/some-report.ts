import { BuildReport, ImageReport } from '../../../../runner/page/build-report';

const DIGEST = `sha256:${'1f8d59a1'.repeat(8)}`;

/** A report that `report.json` could have. */
export function someReport(values: Partial<BuildReport> = {}): BuildReport {
  return {
    startedAt: '2026-03-02T08:05:00.000Z',
    seconds: 8.3,
    phases: { login: 0.02, lookup: 0.1, builder: 0.1, images: 8 },
    builder: 'a container of moby/buildkit',
    pulledBytes: 36_784_708,
    pushedBytes: 12_101_447,
    images: [builtImage()],
    ...values,
  };
}

export function builtImage(values: Partial<ImageReport> = {}): ImageReport {
  return {
    name: 'ReportImage',
    repository: '111111111111.dkr.ecr.eu-west-1.amazonaws.com/report',
    tag: '75e86bc9bc9850d0',
    digest: DIGEST,
    result: 'built',
    startedAt: '2026-03-02T08:05:00.240Z',
    phases: { 'context': 0.01, 'build': 6.8, 'publish': 0.1, 'cache export': 1.1 },
    pulledBytes: 36_784_708,
    pushedBytes: 12_101_447,
    steps: [
      { name: '[builder 2/4] WORKDIR /build', line: 2, state: 'downloaded', seconds: 1.9, times: [{ start: 0.2, seconds: 1.9 }], pulledBytes: 20_594_168 },
      { name: '[builder 3/4] COPY requirements.txt ./', line: 3, state: 'run', seconds: 0.2, times: [{ start: 2.1, seconds: 0.2 }], pulledBytes: 0 },
      { name: '[builder 4/4] RUN pip install -r requirements.txt', line: 4, state: 'run', seconds: 3.1, times: [{ start: 2.3, seconds: 3.1 }], pulledBytes: 0 },
      { name: '[stage-1 2/3] COPY --link --from=builder /build /var/task/', line: 8, state: 'run', seconds: 0.1, times: [{ start: 5.4, seconds: 0.1 }], pulledBytes: 0 },
      { name: '[stage-1 3/3] COPY --link src /var/task/', line: 9, state: 'cached', seconds: 0, times: [], pulledBytes: 0 },
    ],
    layers: [
      { digest: DIGEST, bytes: 16_190_508, step: 'ADD file:1ab2 in /', state: 'base image' },
      { digest: DIGEST, bytes: 212, step: 'COPY --link src /var/task/', line: 9, state: 'cached' },
      { digest: DIGEST, bytes: 31_003_420, step: 'COPY --link --from=builder /build /var/task/', line: 8, state: 'run' },
    ],
    firstRun: { step: 'COPY requirements.txt ./', line: 3, reasons: [{ kind: 'files', text: '`requirements.txt` changed' }] },
    copies: 'linked: 2 (lines 8, 9)',
    cache: { read: [{ from: 'cache-ReportImage' }], written: true, writtenTo: '111111111111.dkr.ecr.eu-west-1.amazonaws.com/report:cache-ReportImage' },
    ...values,
  };
}

export function presentImage(values: Partial<ImageReport> = {}): ImageReport {
  const { name, repository, tag, digest, layers = [] } = builtImage();
  return { name, repository, tag, digest, result: 'already there', phases: {}, layers: layers.map(({ digest: of, bytes }) => ({ digest: of, bytes })), ...values };
}

export function failedImage(values: Partial<ImageReport> = {}): ImageReport {
  const { name, repository, tag } = builtImage();
  const failure = 'the image could not be built or pushed: process "/bin/sh -c make" did not complete successfully: exit code: 2';
  return { name, repository, tag, result: 'failed', failure, phases: { build: 2.5 }, steps: [], cache: { read: [{ from: 'cache-ReportImage' }] }, ...values };
}
