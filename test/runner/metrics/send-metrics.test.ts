import * as fs from 'fs';
import { MetricValue } from '../../../runner/metrics/build-values';
import { sendMetrics } from '../../../runner/metrics/send-metrics';
import { collectedLog } from '../testhelpers/collected-log';
import { FakePrograms } from '../testhelpers/fake-programs';
import { temporaryWork } from '../testhelpers/work-directory';

const VALUE: MetricValue = { MetricName: 'Duration', Value: 1.5, Unit: 'Seconds', Dimensions: [{ Name: 'Step', Value: 'Build' }] };

/** An AWS CLI that keeps the values that it is given. */
const KEEPS = `const file = args[args.indexOf('--metric-data') + 1].replace('file://', '');
  require('fs').appendFileSync(process.env.HOME + '/sent', require('fs').readFileSync(file, 'utf8') + '\\n');`;

let programs: FakePrograms;

beforeEach(() => { programs = new FakePrograms(); });

async function send(values: readonly MetricValue[], env: NodeJS.ProcessEnv = programs.env): Promise<string[]> {
  const { log, lines } = collectedLog();
  await sendMetrics(values, { work: temporaryWork(), log, env });
  return lines;
}

const sent = () => fs.readFileSync(`${programs.directory}/sent`, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as MetricValue[]);

test('values go to CloudWatch with one call, and nothing is said of it', async () => {
  programs.add('aws', KEEPS);
  expect(await send([VALUE, { ...VALUE, Value: 2 }])).toEqual([]);
  expect(sent()).toEqual([[VALUE, { ...VALUE, Value: 2 }]]);
  expect(programs.argumentsOf('aws')).toEqual([[
    'cloudwatch', 'put-metric-data', '--namespace', 'CachedDockerBuild', '--metric-data', expect.stringMatching(/^file:\/\/\/.*\/metrics\.json$/),
    '--cli-connect-timeout', '5', '--cli-read-timeout', '10',
  ]]);
});

test('more values than one call takes go with several', async () => {
  programs.add('aws', KEEPS);
  await send(Array.from({ length: 2001 }, (_, Value) => ({ ...VALUE, Value })));
  expect(sent().map(({ length }) => length)).toEqual([1000, 1000, 1]);
  expect(sent().flat().map(({ Value }) => Value)).toEqual([...Array(2001).keys()]);
});

test('a call that is refused is said once, with the reason, and fails nothing', async () => {
  programs.add('aws', 'process.stderr.write("\\nAn error occurred (AccessDenied) when calling the PutMetricData operation: not authorized\\n"); process.exit(254)');
  expect(await send(Array.from({ length: 1500 }, () => VALUE))).toEqual([
    'WARNING: the metrics of this build were not sent to Amazon CloudWatch: An error occurred (AccessDenied) when calling the PutMetricData operation: not authorized',
  ]);
  expect(programs.calls).toHaveLength(1);
});

test('a machine without the AWS CLI is said, too', async () => {
  expect(await send([VALUE])).toEqual(['WARNING: the metrics of this build were not sent to Amazon CloudWatch: there is no AWS CLI on this machine']);
});

test('a disk that is full is said, too', async () => {
  programs.add('aws', KEEPS);
  const work = temporaryWork();
  work.remove();
  const { log, lines } = collectedLog();
  await sendMetrics([VALUE], { work, log, env: programs.env });
  expect(lines).toEqual([expect.stringMatching(/^WARNING: the metrics of this build were not sent to Amazon CloudWatch: ENOENT/)]);
  expect(programs.calls).toEqual([]);
});

test('the number of attempts is small, unless the step says another one', async () => {
  programs.add('aws', KEEPS);
  await send([VALUE]);
  await send([VALUE], { ...programs.env, AWS_MAX_ATTEMPTS: '7' });
  expect(programs.calls.map(({ env }) => env.AWS_MAX_ATTEMPTS)).toEqual(['2', '7']);
});
