import { MetricValue } from './build-values';
import { METRIC_NAMESPACE } from '../../lib/plan/metric-settings';
import { runProgram } from '../process/run-program';
import { WorkDirectory } from '../process/work-directory';
import { reasonOf } from '../report/failure';
import { Log } from '../report/log';

/** What one call takes. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const MAX_VALUES = 1000;

/** No build waits longer for its metrics: in milliseconds. */
const PATIENCE = 20_000;

/** In a network without a way to CloudWatch, the AWS CLI would wait for minutes. */
const IMPATIENT = ['--cli-connect-timeout', '5', '--cli-read-timeout', '10'];

export interface MetricSender {
  readonly work: WorkDirectory;
  readonly log: Log;
  readonly env: NodeJS.ProcessEnv;
}

/** Sends values to Amazon CloudWatch. That it does not work is said, and fails no build. */
export async function sendMetrics(values: readonly MetricValue[], { work, log, env }: MetricSender): Promise<void> {
  for (let first = 0; first < values.length; first += MAX_VALUES) {
    try {
      // A file, since an argument may be too long.
      const file = work.write('metrics.json', JSON.stringify(values.slice(first, first + MAX_VALUES)));
      const args = ['cloudwatch', 'put-metric-data', '--namespace', METRIC_NAMESPACE, '--metric-data', `file://${file}`, ...IMPATIENT];
      const sent = await runProgram('aws', args, { env: { AWS_MAX_ATTEMPTS: '2', ...env }, timeout: PATIENCE });
      if (!sent.ok) throw new Error(sent.isMissing ? 'there is no AWS CLI on this machine' : sent.reason);
    } catch (error) {
      log.warn(`the metrics of this build were not sent to Amazon CloudWatch: ${reasonOf(error)}`);
      return;
    }
  }
}
