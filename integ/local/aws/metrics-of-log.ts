/** A value that Amazon CloudWatch has taken from a log. */
export interface MetricValue {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly dimensions: { readonly [name: string]: string };
}

interface Directive {
  readonly Namespace: unknown;
  readonly Dimensions: unknown;
  readonly Metrics: unknown;
}

/**
 * What Amazon CloudWatch makes of the lines of a log that are documents of its embedded metric format; whatever else is in the log it leaves alone. Fails for a
 * document that the specification does not allow, of which CloudWatch would make nothing.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricsOfLog(log: string): MetricValue[] {
  return log.split('\n').filter((line) => line.startsWith('{') && line.includes('"_aws"')).flatMap((line) => {
    const { _aws, ...members } = JSON.parse(line) as { _aws: { Timestamp: unknown; CloudWatchMetrics: Directive[] }; [member: string]: unknown };
    require(Number.isSafeInteger(_aws.Timestamp) && Math.abs(Date.now() - Number(_aws.Timestamp)) < 2 * 3600_000, 'a time of today', line);
    require(Buffer.byteLength(line) < 256 * 1024, 'an event of less than 256 kB', line);
    return _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) => {
      require(typeof Namespace === 'string' && /^[\w.#/:-]{1,255}$/.test(Namespace) && !Namespace.startsWith('AWS/'), 'a namespace of its own', line);
      const [names, ...more] = Dimensions as string[][];
      require(more.length === 0 && names.length <= 30 && names.every((name) => isDimension(name, members[name])), 'one set of dimensions', line);
      const definitions = Metrics as { Name: string; Unit: string }[];
      require(definitions.length > 0 && definitions.length <= 100, 'up to 100 metrics', line);
      return definitions.map(({ Name, Unit }) => {
        require(['Seconds', 'Bytes', 'Percent', 'Count'].includes(Unit) && Number.isFinite(members[Name]), `a number for ${Name}`, line);
        const dimensions = Object.fromEntries(names.map((name) => [name, String(members[name])]));
        return { namespace: String(Namespace), name: Name, unit: Unit, value: Number(members[Name]), dimensions };
      });
    });
  });
}

function isDimension(name: string, value: unknown): boolean {
  return /^[ -~]{1,250}$/.test(name) && !name.startsWith(':') && typeof value === 'string' && /^[ -~]{1,1024}$/.test(value) && value.trim() !== '';
}

function require(holds: boolean, what: string, line: string): void {
  if (!holds) throw new Error(`CloudWatch takes no such document, since it wants ${what}: ${line.slice(0, 500)}`);
}
