/** A value that was sent, at a time in milliseconds. */
export interface Sent {
  readonly time: number;
  readonly value: number;
}

/** An alarm of a template. */
export interface AlarmProperties {
  readonly MetricName: string;
  readonly Period: number;
  readonly Statistic: string;
  readonly EvaluationPeriods: number;
  /** If it is left out, all of them. */
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
}

const STATISTICS: { readonly [name: string]: (values: readonly number[]) => number } = {
  Sum: (values) => values.reduce((all, one) => all + one, 0),
  Maximum: (values) => Math.max(...values),
};

const COMPARISONS: { readonly [name: string]: (value: number, threshold: number) => boolean } = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
};

/**
 * The rules of CloudWatch for alarms that want M out of N datapoints and take a missing one for a good one: there is an alarm while at least M of the last N
 * periods, which end now, are breaching. It knows no others.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export class AlarmEvaluator {
  private readonly breaches: (values: readonly number[]) => boolean;

  constructor(private readonly alarm: AlarmProperties) {
    const { Statistic, ComparisonOperator, TreatMissingData, Threshold, Period, EvaluationPeriods } = alarm;
    const statistic = STATISTICS[Statistic];
    const comparison = COMPARISONS[ComparisonOperator];
    if (!statistic || !comparison || TreatMissingData !== 'notBreaching') throw new Error(`the evaluator does not know such an alarm: ${JSON.stringify(alarm)}`);
    if (Period * EvaluationPeriods > (Period < 3600 ? 86_400 : 604_800)) throw new Error('CloudWatch looks back over seven days at most, and over one with periods below an hour');
    this.breaches = (values) => comparison(statistic(values), Threshold);
  }

  /** Whether there is an alarm at a time. */
  public isAlarm(sent: readonly Sent[], now: number): boolean {
    const { Period, EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = this.alarm;
    const periods = new Map<number, number[]>();
    for (const { time, value } of sent) {
      const age = Math.floor((now - time) / (Period * 1000));
      if (age >= 0 && age < EvaluationPeriods) periods.set(age, [...periods.get(age) ?? [], value]);
    }
    return [...periods.values()].filter(this.breaches).length >= DatapointsToAlarm;
  }
}
