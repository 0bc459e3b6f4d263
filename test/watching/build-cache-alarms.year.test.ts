import { AlarmEvaluator, AlarmProperties, Sent } from './testhelpers/alarm-evaluator';
import { Fault, HOUR, SimulatedBuild, simulatedYear, WEEK } from './testhelpers/simulated-year';
import { BuildCacheAlarms } from '../../lib';
import { embeddedMetrics } from '../../runner/metrics/embedded-metrics';
import { TestPipeline } from '../testhelpers/test-pipeline';

const MINUTE = 60_000;
const SEEDS = Array.from({ length: 8 }, (_, seed) => seed);

/** The alarms as a template has them by default, by the names of their metrics. */
function alarms(): { readonly [metric: string]: AlarmEvaluator } {
  const test = new TestPipeline();
  const step = test.step();
  test.pipeline.addWave('Images', { post: [step] });
  new BuildCacheAlarms(test.stack, 'Alarms', { step });
  const found = Object.values(test.template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties as AlarmProperties);
  return Object.fromEntries(found.map((properties) => [properties.MetricName, new AlarmEvaluator(properties)]));
}

const ALARMS = alarms();

/** What the builds send of a metric, as the runner has it. */
function sentBy(builds: readonly SimulatedBuild[], metric: string): Sent[] {
  return builds.flatMap(({ time, results, total }) => {
    const [line] = embeddedMetrics({ pipeline: 'Stack/Pipeline', step: 'Build' }, results, total, time);
    const value = JSON.parse(line)[metric] as number | undefined;
    return value === undefined ? [] : [{ time, value }];
  });
}

/** The times at which there is an alarm, of each ten minutes in the hour after a build: without a build, none begins. */
function alarmTimes(builds: readonly SimulatedBuild[], metric: string): number[] {
  const sent = sentBy(builds, metric);
  return builds.flatMap(({ time }) => {
    const recent = sent.filter((value) => value.time <= time + HOUR && value.time > time - 2 * WEEK);
    const times = Array.from({ length: 6 }, (_, step) => time + step * 10 * MINUTE);
    return times.filter((now) => ALARMS[metric].isAlarm(recent.filter((value) => value.time <= now), now));
  });
}

test('there is an alarm for errors of the cache, one for slow builds, and one for repositories that grow', () => {
  expect(Object.keys(ALARMS).sort()).toEqual(['BytesPushed', 'CacheErrors', 'Duration']);
});

test('a year has what it should: quiet weeks, dependency weeks, new base images, and registries that fail for an hour', () => {
  const builds = SEEDS.flatMap((seed) => simulatedYear(seed));
  expect(builds.length / SEEDS.length).toBeGreaterThan(500);
  expect(sentBy(builds, 'CacheHitRatio').filter(({ value }) => value === 0).length).toBeGreaterThan(10 * SEEDS.length);
  expect(sentBy(builds, 'CacheErrors').filter(({ value }) => value > 0).length).toBeGreaterThan(SEEDS.length / 2);
  expect(Math.max(...sentBy(builds, 'Duration').map(({ value }) => value))).toBe(600);
  expect(Math.max(...sentBy(builds, 'BytesPushed').map(({ value }) => value))).toBe(1_800_000_000);
});

test.each(Object.keys(ALARMS))('a year without a fault has no alarm: %s', (metric) => {
  const falseAlarms = SEEDS.filter((seed) => alarmTimes(simulatedYear(seed), metric).length > 0);
  expect(falseAlarms).toEqual([]);
});

describe.each<[Fault, string]>([
  ['reads are refused', 'CacheErrors'],
  ['writes are refused', 'CacheErrors'],
  ['caches are deleted between builds', 'CacheErrors'],
  ['builds are slow', 'Duration'],
  ['a large file is copied with the source', 'BytesPushed'],
])('when %s', (fault, metric) => {
  const years = SEEDS.map((seed) => {
    const healthy = simulatedYear(seed);
    const start = startOfWork(healthy);
    return { builds: simulatedYear(seed, [{ fault, from: start, to: start + 3 * WEEK }]), start, end: start + 3 * WEEK };
  });
  const least = { CacheErrors: 1, Duration: 1801, BytesPushed: 10e9 }[metric]!;
  const isFaulty = (value: number) => value >= least;

  test('there is an alarm with the third build that meets the fault, each in another hour', () => {
    for (const { builds, start } of years) {
      const met = sentBy(builds, metric).filter(({ time, value }) => time >= start && isFaulty(value));
      const third = inOtherHours(met)[2];
      expect(third.time - met[0].time).toBeLessThan(WEEK);
      const first = alarmTimes(builds, metric).find((time) => time >= start)!;
      expect(first).toBeLessThanOrEqual(third.time + 10 * MINUTE);
    }
  });

  test('the alarm is over a week after it was put right, and comes from no build before it', () => {
    for (const { builds, start, end } of years) {
      const times = alarmTimes(builds, metric);
      expect(times.filter((time) => time < start || time > end + WEEK + HOUR)).toEqual([]);
    }
  });
});

/** The first Monday, in the second half of the year, of two busy weeks: who does not build meets no fault. */
function startOfWork(builds: readonly SimulatedBuild[]): number {
  const weeks = Array.from({ length: 20 }, (_, index) => (index + 26) * WEEK);
  return weeks.find((week) => [week, week + WEEK].every((from) => builds.filter(({ time }) => time >= from && time < from + WEEK).length >= 15))!;
}

/** Those that are an hour apart from the one before. */
function inOtherHours(sent: readonly Sent[]): Sent[] {
  return sent.reduce<Sent[]>((apart, one) => (apart.length === 0 || one.time - apart.at(-1)!.time >= HOUR ? [...apart, one] : apart), []);
}
