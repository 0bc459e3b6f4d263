import { Duration, Size } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { BuildCacheAlarms, BuildCacheAlarmsProps, BuildMetrics, CachedDockerBuildStepProps } from '../../lib';
import { TestPipeline } from '../testhelpers/test-pipeline';

function alarmsOf(props: Partial<BuildCacheAlarmsProps> = {}, stepProps: Partial<CachedDockerBuildStepProps> = {}) {
  const test = new TestPipeline();
  const step = test.step(stepProps);
  test.pipeline.addWave('Images', { post: [step] });
  const alarms = new BuildCacheAlarms(test.stack, 'Alarms', { step, ...props });
  const found = () => Object.fromEntries<any>(Object.values(test.template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => [Properties.MetricName, Properties]));
  return { alarms, found };
}

test('by default, three hours of a week with an error of the cache or a build of more than half an hour are an alarm, and 25 GiB of new layers in a week', () => {
  const { CacheErrors, Duration: SlowBuilds, BytesPushed } = alarmsOf().found();
  const common = {
    Namespace: 'CachedDockerBuild',
    Dimensions: [{ Name: 'Pipeline', Value: 'PipelineStack/Pipeline' }, { Name: 'Step', Value: 'BuildImage' }],
    Period: 3600,
    EvaluationPeriods: 168,
    DatapointsToAlarm: 3,
    TreatMissingData: 'notBreaching',
  };
  expect(CacheErrors).toEqual({
    ...common, MetricName: 'CacheErrors', Statistic: 'Sum', Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', AlarmDescription: expect.stringContaining('step BuildImage'),
  });
  expect(SlowBuilds).toEqual({
    ...common, MetricName: 'Duration', Statistic: 'Maximum', Threshold: 1800, ComparisonOperator: 'GreaterThanThreshold', AlarmDescription: expect.stringContaining('longer than 1800 seconds'),
  });
  const { DatapointsToAlarm: _, ...others } = common;
  expect(BytesPushed).toEqual({
    ...others,
    MetricName: 'BytesPushed',
    Statistic: 'Sum',
    Period: 604_800,
    EvaluationPeriods: 1,
    Threshold: 26_843_545_600,
    ComparisonOperator: 'GreaterThanThreshold',
    AlarmDescription: expect.stringContaining('step BuildImage pushed more than 26843545600 bytes'),
  });
});

test('half of the timeout of the step is too long, unless maxDuration says something else', () => {
  expect(alarmsOf({}, { timeout: Duration.minutes(20) }).found().Duration.Threshold).toBe(600);
  expect(alarmsOf({ maxDuration: Duration.minutes(15) }, { timeout: Duration.minutes(20) }).found().Duration.Threshold).toBe(900);
});

test('repositories may grow as much as maxWeeklyGrowth says', () => {
  expect(alarmsOf({ maxWeeklyGrowth: Size.gibibytes(1) }).found().BytesPushed.Threshold).toBe(1_073_741_824);
});

test('maxWeeklyGrowth cannot be nothing', () => {
  expect(() => alarmsOf({ maxWeeklyGrowth: Size.bytes(0) })).toThrow("'PipelineStack/Alarms': maxWeeklyGrowth must be a byte or more, got 0 bytes; for example Size.gibibytes(25)");
});

test('a step that builds rarely can have an alarm with the first fault', () => {
  const { CacheErrors, Duration: SlowBuilds } = alarmsOf({ faultyHours: 1 }).found();
  expect([CacheErrors.DatapointsToAlarm, SlowBuilds.DatapointsToAlarm]).toEqual([1, 1]);
  expect(CacheErrors.AlarmDescription).toContain('in an hour of the last seven days');
});

test('an action is for all alarms', () => {
  const { alarms, found } = alarmsOf();
  const action: cloudwatch.IAlarmAction = { bind: () => ({ alarmActionArn: 'arn:aws:sns:eu-west-1:111111111111:topic' }) };
  alarms.addAlarmAction(action);
  expect(Object.values(found()).map(({ AlarmActions }) => AlarmActions)).toEqual(Array(3).fill(['arn:aws:sns:eu-west-1:111111111111:topic']));
});

test.each([0, 169, 1.5, NaN])('faultyHours cannot be %d', (faultyHours) => {
  expect(() => alarmsOf({ faultyHours })).toThrow(`'PipelineStack/Alarms': faultyHours must be a whole number from 1 to 168, known at synthesis, got ${faultyHours}; for example 3`);
});

test('maxDuration cannot be the timeout of the step, or longer', () => {
  expect(() => alarmsOf({ maxDuration: Duration.minutes(20) }, { timeout: Duration.minutes(20) })).toThrow(
    "'PipelineStack/Alarms': maxDuration must be shorter than the timeout of step 'BuildImage', after which no build says how long it took, got 20 minutes and 20 minutes;");
});

test('a step without metrics can have none', () => {
  expect(() => alarmsOf({}, { metrics: BuildMetrics.NONE })).toThrow("'BuildImage': the step has no metrics");
});
