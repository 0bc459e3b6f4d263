import { AlarmEvaluator, AlarmProperties, Sent } from './alarm-evaluator';

const HOUR = 3_600_000;
const ALARM: AlarmProperties = {
  MetricName: 'CacheErrors',
  Period: 3600,
  Statistic: 'Sum',
  EvaluationPeriods: 4,
  DatapointsToAlarm: 2,
  Threshold: 2,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'notBreaching',
};

const isAlarm = (sent: Sent[], hour: number) =>
  new AlarmEvaluator(ALARM).isAlarm(sent.map(({ time, value }) => ({ time: time * HOUR, value })), hour * HOUR);

test('there is an alarm while enough of the last periods are breaching, wherever they are, and never after', () => {
  const sent = [{ time: 10.5, value: 2 }, { time: 11.5, value: 0 }, { time: 12.5, value: 3 }];
  expect([10, 11, 12, 13, 14, 14.4, 14.6, 15].map((hour) => isAlarm(sent, hour))).toEqual([false, false, false, true, true, true, false, false]);
});

test('the values of a period count together, and one period only once', () => {
  expect(isAlarm([{ time: 1.1, value: 1 }, { time: 1.2, value: 1 }, { time: 3.1, value: 1 }, { time: 3.2, value: 1 }], 4)).toBe(true);
  expect(isAlarm([{ time: 1.1, value: 9 }, { time: 1.2, value: 9 }, { time: 3.1, value: 1 }], 4)).toBe(false);
});

test('all periods have to be breaching, unless the alarm says how many', () => {
  const { DatapointsToAlarm: _, ...alarm } = ALARM;
  const evaluator = new AlarmEvaluator({ ...alarm, EvaluationPeriods: 2 });
  const isAlarmAt = (...times: number[]) => evaluator.isAlarm(times.map((time) => ({ time: time * HOUR, value: 2 })), 3 * HOUR);
  expect([isAlarmAt(1.5), isAlarmAt(2.5), isAlarmAt(1.5, 2.5)]).toEqual([false, false, true]);
});

test('nothing is no alarm', () => {
  expect(isAlarm([], 4)).toBe(false);
});

test('an alarm that CloudWatch would refuse, or that the evaluator does not know, is none', () => {
  expect(() => new AlarmEvaluator({ ...ALARM, EvaluationPeriods: 169 })).toThrow('seven days at most');
  expect(() => new AlarmEvaluator({ ...ALARM, TreatMissingData: 'ignore' })).toThrow('does not know');
});
