import * as path from 'path';
import { builtImage, failedImage, presentImage, someReport } from './testhelpers/some-report';
import { layerCache } from '../../../runner/cache/layer-caches';
import { parseReport, readReport } from '../../../runner/page/read-report';
import { jsonReport } from '../../../runner/report/json-report';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { someJob } from '../testhelpers/some-job';

function parse(report: unknown): unknown {
  return parseReport(JSON.stringify(report), 'report.json');
}

test('what a build writes can be read', () => {
  const steps = [{ name: '[1/2] RUN make', isCached: false }];
  const layers = [{ mediaType: 'layer', digest: 'sha256:1', size: 1 }];
  const results = [
    { job: someJob(), status: 'built', digest: 'sha256:1', startedAt: new Date(), phases: { build: 1 }, steps, layers },
    { job: someJob(), status: 'failed', failure: 'exit code: 1', phases: {} },
    { job: someJob(), status: 'already there', digest: 'sha256:1', phases: {} },
  ] as const;
  const cache = layerCache({ kind: 'registry', mode: 'max', compression: 'zstd' }, String);
  const report = JSON.parse(JSON.stringify(jsonReport({ startedAt: new Date(), results, cache, phases: {}, total: 1 })));
  expect(parse(report)).toEqual(report);
});

test('a report may have more than is known, and less', () => {
  const images = [failedImage(), presentImage({ layers: undefined, digest: undefined })];
  const { startedAt, builder, pulledBytes, ...least } = someReport({ images });
  expect(parse({ version: 1, ...least, invented: [null] })).toEqual({ version: 1, ...JSON.parse(JSON.stringify(least)), invented: [null] });
});

test('a file that is not there is named, with where reports are', () => {
  const file = path.join(temporaryDirectory(), 'gone.json');
  expect(() => readReport(file)).toThrow(new RegExp(`^${file} cannot be read: a build leaves its report in image-outputs/report\\.json, or in the directory that --outputs names \\(ENOENT`));
});

test.each<[string, string, string]>([
  ['is cut off', '{"version": 1, "sec', 'report.json is not the report of a build: it is not JSON ('],
  ['is empty', '', 'report.json is not the report of a build: it is not JSON ('],
  ['is another list', '[1]', 'report.json is not the report of a build: it has no version'],
  ['is another file', '{"name": "app"}', 'report.json is not the report of a build: it has no version'],
  ['is nothing', 'null', 'report.json is not the report of a build: it has no version'],
  ['is of a later version', '{"version": 2}', 'report.json is a report of version 2, and this program reads version 1: take the cdk-cached-docker-build that wrote it'],
])('a report that %s is refused with one sentence', (_, content, sentence) => {
  expect(() => parseReport(content, 'report.json')).toThrow(sentence);
});

test.each<[object, string]>([
  [{ images: 3 }, 'images is not a list'],
  [{ images: undefined }, 'images is not a list'],
  [{ seconds: '8' }, 'seconds is not a number'],
  [{ seconds: -1 }, 'seconds is not a number'],
  [{ startedAt: 'yesterday' }, 'startedAt is not a time'],
  [{ phases: { login: null } }, 'phases is not an object of numbers'],
  [{ images: [null] }, 'images[0] is not an object'],
  [{ images: [builtImage(), builtImage({ name: 7 as any })] }, 'images[1].name is not a text'],
  [{ images: [builtImage({ steps: [{ name: 'RUN', state: 'run', seconds: null as any }] })] }, 'images[0].steps[0].seconds is not a number'],
  [{ images: [builtImage({ cache: { written: 'yes' as any } })] }, 'images[0].cache.written is not a boolean'],
  [{ images: [builtImage({ firstRun: { step: 'RUN', reasons: {} as any } })] }, 'images[0].firstRun.reasons is not a list'],
])('a report with %j is refused with the place', (values, problem) => {
  expect(() => parse({ version: 1, ...someReport(), ...values })).toThrow(`report.json is not a whole report of a build: ${problem}`);
});
