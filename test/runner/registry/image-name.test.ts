import { fullName, repositoryName } from '../../../runner/registry/image-name';

test('the address of a repository is a host and a path', () => {
  expect(repositoryName('123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app')).toEqual({ host: '123456789012.dkr.ecr.eu-central-1.amazonaws.com', path: 'team/app' });
  expect(repositoryName('localhost:5000/app')).toEqual({ host: 'localhost:5000', path: 'app' });
});

test.each([
  ['python', 'docker.io/library/python'],
  ['python:3.12', 'docker.io/library/python:3.12'],
  ['moby/buildkit:v1', 'docker.io/moby/buildkit:v1'],
  ['docker.io/moby/buildkit@sha256:0', 'docker.io/moby/buildkit@sha256:0'],
  ['ghcr.io/team/app:1', 'ghcr.io/team/app:1'],
  ['localhost/app', 'localhost/app'],
  ['localhost:5000/app', 'localhost:5000/app'],
  ['registry:5000/app', 'registry:5000/app'],
])('the image %s is %s in full', (image, full) => {
  expect(fullName(image)).toBe(full);
});
