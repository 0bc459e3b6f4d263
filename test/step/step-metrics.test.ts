import { NestedStack, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { BuildMetrics, CachedDockerBuildStep, CachedDockerImage, DockerBuilder, LayerCache } from '../../lib';
import { resolvedText } from '../testhelpers/resolved-text';
import { TempContext } from '../testhelpers/temp-context';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const METRICS: [string, string, (step: CachedDockerBuildStep, options?: cloudwatch.MetricOptions) => cloudwatch.Metric][] = [
  ['CacheHitRatio', 'Average', (step, options) => step.metricCacheHitRatio(options)],
  ['Duration', 'Average', (step, options) => step.metricDuration(options)],
  ['BytesPulled', 'Sum', (step, options) => step.metricBytesPulled(options)],
  ['BytesPushed', 'Sum', (step, options) => step.metricBytesPushed(options)],
  ['ImagesBuilt', 'Sum', (step, options) => step.metricImagesBuilt(options)],
  ['ImagesSkipped', 'Sum', (step, options) => step.metricImagesSkipped(options)],
  ['CacheErrors', 'Sum', (step, options) => step.metricCacheErrors(options)],
];

describe('a build', () => {
  test.each([BuildMetrics.STEP, BuildMetrics.STEP_AND_IMAGES, undefined])('needs no permission for its metrics: %s', (metrics) => {
    const { statements } = new TestPipeline().synthesizeStep({ metrics });
    expect(JSON.stringify(statements)).not.toContain('cloudwatch:');
  });

  test('without metrics is told of none', () => {
    expect(new TestPipeline().synthesizeStep({ metrics: BuildMetrics.NONE }).settings).not.toHaveProperty('metrics');
  });

  test.each([DockerBuilder.kaniko(), DockerBuilder.buildkit(), DockerBuilder.dockerEngine()])('has metrics with any builder', (builder) => {
    const { settings } = new TestPipeline().synthesizeStep({ builder, layerCache: LayerCache.none() });
    expect(settings.metrics).toEqual({ pipeline: 'PipelineStack/Pipeline', step: 'BuildImage' });
  });

  test('whose log is not in Amazon CloudWatch has no metrics, and cannot have any', () => {
    const logging = { cloudWatch: { enabled: false } };
    expect(new TestPipeline().synthesizeStep({ logging }).settings).not.toHaveProperty('metrics');
    expect(() => new TestPipeline().step({ logging, metrics: BuildMetrics.STEP })).toThrow(
      "'BuildImage': Amazon CloudWatch makes metrics of the log, which the logging of the step keeps away from it; enable logging.cloudWatch, or leave out metrics");
  });

  test('whose log is kept in a bucket as well has metrics', () => {
    const test = new TestPipeline();
    const { settings } = test.synthesizeStep({ logging: { s3: { bucket: new s3.Bucket(test.stack, 'Logs') } } });
    expect(settings).toHaveProperty('metrics');
  });

  test('of a pipeline in a stage is told the name of the stack that the account has', () => {
    const { settings } = new TestPipeline({ inStage: true }).synthesizeStep();
    expect(settings.metrics).toEqual({ pipeline: 'Tooling-PipelineStack/Pipeline', step: 'BuildImage' });
  });
});

describe('a metric of the step', () => {
  test.each(METRICS)('%s is what builds send', (metricName, statistic, metricOf) => {
    const test = new TestPipeline();
    expect(metricOf(test.step()).toMetricConfig().metricStat).toMatchObject({
      namespace: 'CachedDockerBuild',
      metricName,
      statistic,
      dimensions: [{ name: 'Pipeline', value: 'PipelineStack/Pipeline' }, { name: 'Step', value: 'BuildImage' }],
    });
  });

  test.each(METRICS)('%s takes the options of any metric', (_, __, metricOf) => {
    const test = new TestPipeline();
    const { metricStat, renderingProperties } = metricOf(test.step(), { statistic: 'p90', label: 'mine', color: '#123456' }).toMetricConfig();
    expect(metricStat).toMatchObject({ statistic: 'p90' });
    expect(renderingProperties).toMatchObject({ label: 'mine', color: '#123456' });
  });

  test.each(METRICS)('%s of a step without metrics fails', (_, __, metricOf) => {
    const step = new TestPipeline().step({ metrics: BuildMetrics.NONE });
    expect(() => metricOf(step)).toThrow("'BuildImage': the step has no metrics; give it metrics: BuildMetrics.STEP");
  });

  test('is that of the region of the pipeline, wherever it is shown', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const step = test.step();
    const elsewhere = new Stack(test.app, 'Elsewhere', { env: { ...PIPELINE_ENV, region: 'us-east-1' } });
    new cloudwatch.Dashboard(elsewhere, 'Dashboard', { widgets: [[new cloudwatch.SingleValueWidget({ metrics: [step.metricDuration()] })]] });
    const [dashboard] = Object.values(Template.fromStack(elsewhere).findResources('AWS::CloudWatch::Dashboard'));
    expect(resolvedText(dashboard.Properties.DashboardBody)).toContain('"BuildImage",{"region":"eu-west-1"}]');
  });

  test('can be had before the pipeline is built, in its own stack', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const step = test.step();
    step.metricCacheErrors().createAlarm(test.stack, 'Alarm', { threshold: 1, evaluationPeriods: 1 });
    test.pipeline.addWave('Images', { post: [step] });
    test.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'CachedDockerBuild',
      Dimensions: [{ Name: 'Pipeline', Value: 'PipelineStack/Pipeline' }, { Name: 'Step', Value: 'BuildImage' }],
      Metrics: Match.absent(),
    });
  });

  test('has only characters that CloudWatch takes', () => {
    const test = new TestPipeline();
    const step = new CachedDockerBuildStep('Bau für März', { images: [test.image()], pipeline: test.pipeline });
    expect(step.metricDuration().dimensions).toEqual({ Pipeline: 'PipelineStack/Pipeline', Step: 'Bau f_r M_rz' });
  });
});

describe('a metric of an image', () => {
  const withImages = (test: TestPipeline, images: CachedDockerImage[]) => test.step({ images, metrics: BuildMetrics.STEP_AND_IMAGES });

  test('has the name that logs have, too', () => {
    const test = new TestPipeline();
    const [image, other] = [test.image('Api'), test.image('Report')];
    const metrics = withImages(test, [image, other]).imageMetrics(other);
    const all = [
      metrics.metricCacheHitRatio(), metrics.metricDuration(), metrics.metricBytesPulled(), metrics.metricBytesPushed(),
      metrics.metricImagesBuilt(), metrics.metricImagesSkipped(),
      metrics.metricCacheErrors(),
    ];
    expect(all.map(({ metricName }) => metricName)).toEqual(METRICS.map(([name]) => name));
    expect(all.map(({ statistic }) => statistic)).toEqual(METRICS.map(([, statistic]) => statistic));
    all.forEach(({ dimensions }) => expect(dimensions).toEqual({ Pipeline: 'PipelineStack/Pipeline', Step: 'BuildImage', Image: test.plan(other).name }));
  });

  test('fails where the step sends only its own, and for an image of another step', () => {
    const test = new TestPipeline();
    const [image, other] = [test.image('Api'), test.image('Report')];
    expect(() => test.step({ images: [image] }).imageMetrics(image))
      .toThrow("'BuildImage': the step has no metrics of its images; give it metrics: BuildMetrics.STEP_AND_IMAGES");
    expect(() => withImages(test, [image]).imageMetrics(other)).toThrow("'BuildImage': the step does not build 'PipelineStack/Report'");
  });

  test('fails where two images of a step would have the same', () => {
    const test = new TestPipeline();
    const nested = new NestedStack(test.stack, 'Nested');
    const images = [test.image('Api'), new CachedDockerImage(nested, 'Api', { context: new TempContext().context })];
    expect(() => withImages(test, images)).toThrow("'BuildImage': the metrics of 'PipelineStack/Api' and 'PipelineStack/Nested/Api' would be the same");
    test.step({ images }); // the step as a whole has no such trouble
  });
});
