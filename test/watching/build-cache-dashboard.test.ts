import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { BuildCacheDashboard, BuildCacheDashboardProps, BuildMetrics, CachedDockerBuildStep } from '../../lib';
import { resolvedText } from '../testhelpers/resolved-text';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

/** The dashboard of two steps, of which the second has metrics of its images, as the template has it. */
function dashboard(props: Partial<BuildCacheDashboardProps> = {}, change: (dashboard: BuildCacheDashboard) => void = () => undefined) {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  const step = (id: string, names: string[], metrics?: BuildMetrics) => {
    const images = names.map((name) => test.image(name));
    return new CachedDockerBuildStep(id, { images, pipeline: test.pipeline, metrics });
  };
  const steps = [step('BuildApi', ['Api']), step('BuildReports', ['Report', 'Mail'], BuildMetrics.STEP_AND_IMAGES)];
  test.pipeline.addWave('Images', { post: steps });
  change(new BuildCacheDashboard(test.stack, 'BuildCache', { steps, ...props }));
  const [{ Properties }] = Object.values(test.template.findResources('AWS::CloudWatch::Dashboard'));
  return { name: Properties.DashboardName, body: JSON.parse(resolvedText(Properties.DashboardBody)) };
}

test('the body of the dashboard is this', () => {
  expect(dashboard().body).toMatchSnapshot();
});

test('widgets fill whole rows', () => {
  const { widgets } = dashboard().body as { widgets: { y: number; width: number; height: number }[] };
  const rows = new Map<number, number>();
  widgets.forEach(({ y, width }) => rows.set(y, (rows.get(y) ?? 0) + width));
  expect([...rows.values()]).toEqual([24, 24, 24, 24, 24]);
});

test('each step has a line in each graph, under its id', () => {
  const { widgets } = dashboard().body as { widgets: { properties: { title: string; metrics: unknown[][] } }[] };
  const labels = widgets.map(({ properties: { title, metrics } }) => [title, ...metrics.map((metric) => (metric.at(-1) as { label: string }).label)]);
  expect(labels.find(([title]) => title === 'Time of a build that built something')).toEqual(['Time of a build that built something', 'BuildApi', 'BuildReports']);
  expect(labels.find(([title]) => title === 'BuildReports: time of a build, by image')).toEqual(['BuildReports: time of a build, by image', 'Report', 'Mail']);
  expect(labels.filter(([title]) => title.startsWith('BuildApi'))).toEqual([]);
});

test('name and time can be chosen, and more can be shown', () => {
  const { name, body } = dashboard({ dashboardName: 'builds', defaultInterval: Duration.days(7) }, (all) => all.addWidgets(new cloudwatch.TextWidget({ markdown: 'mine' })));
  expect(name).toBe('builds');
  expect(body.start).toBe('-P7D');
  expect(body.widgets.at(-1).properties).toEqual({ markdown: 'mine' });
});

test('a dashboard of nothing, and one of a step without metrics, fail', () => {
  const test = new TestPipeline();
  expect(() => new BuildCacheDashboard(test.stack, 'Empty', { steps: [] })).toThrow("'Empty': steps is empty; give the dashboard each CachedDockerBuildStep that it shows");
  const step = test.step({ metrics: BuildMetrics.NONE });
  expect(() => new BuildCacheDashboard(test.stack, 'Silent', { steps: [step] })).toThrow("'BuildImage': the step has no metrics");
});
