import { Lazy } from 'aws-cdk-lib';
import { UpstreamRegistry } from '../../../lib';

const late = Lazy.string({ produce: () => 'late' });

test.each<[string, UpstreamRegistry]>([
  ['docker.io', UpstreamRegistry.dockerHub()],
  ['ghcr.io', UpstreamRegistry.gitHub()],
  ['registry.gitlab.com', UpstreamRegistry.gitLab()],
  ['cgr.dev', UpstreamRegistry.chainguard()],
  ['quay.io', UpstreamRegistry.quay()],
  ['registry.k8s.io', UpstreamRegistry.kubernetes()],
  ['public.ecr.aws', UpstreamRegistry.ecrPublic()],
  ['example.azurecr.io', UpstreamRegistry.azure('example')],
  ['222222222222.dkr.ecr.us-east-1.amazonaws.com', UpstreamRegistry.ecr('222222222222', 'us-east-1')],
  ['222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn', UpstreamRegistry.ecr('222222222222', 'cn-north-1')],
  ['222222222222.dkr.ecr.eusc-de-east-1.amazonaws.eu', UpstreamRegistry.ecr('222222222222', 'eusc-de-east-1')],
])('images name it %s', (host, upstream) => {
  expect(upstream.host).toBe(host);
});

test.each(['', 'abc', 'Example', 'example.azurecr.io', late])('UpstreamRegistry.azure() fails for the name %j', (name) => {
  expect(() => UpstreamRegistry.azure(name)).toThrow(
    `UpstreamRegistry.azure(): registryName must be 5 to 50 lower-case letters and digits, known at synthesis, got ${JSON.stringify(name)}; for example 'example' for example.azurecr.io`);
});

test.each([['2', 'us-east-1'], ['222222222222', 'us-east'], [late, 'us-east-1'], ['222222222222', late]])(
  'UpstreamRegistry.ecr() fails for the account %j and the region %j', (account, region) => {
    expect(() => UpstreamRegistry.ecr(account, region)).toThrow(
      `UpstreamRegistry.ecr(): account and region must be known at synthesis, got ${JSON.stringify(account)} and ${JSON.stringify(region)}; for example '111111111111' and 'eu-west-1'`);
  });
