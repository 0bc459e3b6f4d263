import { Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DockerBuilder, ImageRepository, LayerCache } from '../../lib';
import { cacheSettings } from '../testhelpers/cache-settings';
import { TestPipeline } from '../testhelpers/test-pipeline';

describe('LayerCache.codeBuildLocal()', () => {
  const props = { builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.codeBuildLocal() };

  test('has CodeBuild keep what the engine has, and reads and writes nothing itself', () => {
    const { project } = new TestPipeline().synthesizeStep(props);
    expect(project.Cache).toEqual({ Type: 'LOCAL', Modes: ['LOCAL_DOCKER_LAYER_CACHE'] });
    expect(cacheSettings({ cache: props.layerCache, step: { builder: props.builder } })).toEqual({ kind: 'engine' });
  });

  test('fails in a VPC, be it that of the pipeline', () => {
    const vpc = ec2.Vpc.fromVpcAttributes(new Stack(), 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-1'], privateSubnetRouteTableIds: ['rtb-1'] });
    expect(() => new TestPipeline({ options: { codeBuildDefaults: { vpc } } }).synthesizeStep(props)).toThrow(
      "'BuildImage': LayerCache.codeBuildLocal() does not go with a VPC, with which CodeBuild keeps nothing; use LayerCache.inline()");
  });

  test('fails on the one size of machine that CodeBuild does not keep', () => {
    expect(() => new TestPipeline().synthesizeStep({ ...props, computeType: codebuild.ComputeType.X2_LARGE })).toThrow(
      "'BuildImage': LayerCache.codeBuildLocal() does not go with BUILD_GENERAL1_2XLARGE, with which CodeBuild keeps nothing; use LayerCache.inline()");
  });

  test.each<[string, LayerCache]>([
    ['LayerCache.registry()', LayerCache.registry()], ['LayerCache.inline()', LayerCache.inline()], ['LayerCache.none()', LayerCache.none()],
  ])('is not there with %s', (_, cache) => {
    const { project, settings } = new TestPipeline().synthesizeStep({ layerCache: cache });
    expect(project.Cache).toEqual({ Type: 'NO_CACHE' });
    expect(settings.layerCache.kind).not.toBe('engine');
  });
});

describe('LayerCache.none()', () => {
  test('reads and writes nothing', () => {
    expect(cacheSettings({ cache: LayerCache.none() })).toEqual({ kind: 'none' });
  });

  test('lets several images share a repository', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images');
    for (const id of ['Api', 'Report']) {
      test.step({ images: [test.image(id, { repository })], layerCache: LayerCache.none() });
    }
  });
});
