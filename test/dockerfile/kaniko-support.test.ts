import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { KanikoRequest, KanikoSupport, kanikoSupport } from '../../lib/dockerfile/kaniko-support';

function support(content: string, request: Partial<KanikoRequest> = {}): KanikoSupport {
  return kanikoSupport(Dockerfile.parse(content), { image: 'Api', platform: 'linux/amd64', buildArgs: {}, ...request });
}

test('an ordinary Dockerfile has neither obstacles nor differences', () => {
  expect(support('FROM python:3.12\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nCMD ["python", "app.py"]\n'))
    .toEqual({ obstacles: [], differences: [] });
});

test('all obstacles are named, in the order of the Dockerfile', () => {
  const { obstacles } = support([
    'FROM --platform=linux/arm64 busybox AS base',
    'RUN --mount=type=ssh git clone x',
    'FROM busybox',
    'COPY --parents a/b /x',
    'RUN --network=none x',
  ].join('\n'));
  expect(obstacles).toEqual([
    "DockerBuilder.kaniko() passes over FROM --platform=linux/arm64 of the Dockerfile of 'Api', and takes linux/amd64; use DockerBuilder.buildkit() for this image",
    "DockerBuilder.kaniko() cannot do RUN --mount=type=ssh in line 2 of the Dockerfile of 'Api': kaniko has no SSH agent for a step, and passes over the mount; use DockerBuilder.buildkit() for this image",
    "DockerBuilder.kaniko() cannot do COPY --parents in line 4 of the Dockerfile of 'Api': it passes over that flag; use DockerBuilder.buildkit() for this image",
    "DockerBuilder.kaniko() cannot do RUN --network in line 5 of the Dockerfile of 'Api': it passes over that flag; use DockerBuilder.buildkit() for this image",
  ]);
});

test('a build argument that is empty is an obstacle where FROM uses it', () => {
  const content = 'ARG SUFFIX=-slim\nFROM python:3${SUFFIX}\n';
  expect(support(content).obstacles).toEqual([]);
  expect(support(content, { buildArgs: { SUFFIX: '' } }).obstacles).toEqual([expect.stringContaining('takes the default of SUFFIX in FROM python:3${SUFFIX}')]);
});

test.each<[string, string | undefined, string]>([
  ['# syntax=example/frontend\nanything\n', undefined, "the Dockerfile of 'Api' is for another frontend"],
  ['', undefined, "the Dockerfile of 'Api' is for another frontend, or written in a way that is not understood here"],
  ['FROM busybox\n', 'final', "the Dockerfile of 'Api' has no stage \"final\""],
  ['FROM busybox\n', '0', 'DockerBuilder.kaniko() finds a target by its name only, got "0"'],
])('where the target cannot be found, nothing else is claimed: %j', (content, target, obstacle) => {
  expect(support(content, { target })).toEqual({ obstacles: [expect.stringContaining(obstacle)], differences: [] });
});

test('stages behind the target do not matter', () => {
  const content = 'FROM busybox AS final\nFROM final AS test\nVOLUME /a\nRUN --mount=type=secret,id=x y\n';
  expect(support(content, { target: 'Final' })).toEqual({ obstacles: [], differences: [] });
  expect(support(content).obstacles).toHaveLength(1);
});

test('each kind of difference is named once, with all its lines', () => {
  const { obstacles, differences } = support([
    'FROM busybox',
    'VOLUME /a',
    'COPY --link a /a',
    'ADD https://example.com/x.tar.gz /x',
    'COPY --link=true b /b',
    'COPY --link=false c /c',
    'VOLUME /b',
  ].join('\n'));
  expect(obstacles).toEqual([]);
  expect(differences).toEqual([
    { id: 'kanikoVolume', message: expect.stringContaining('the volumes of line 2 is not in the image') },
    { id: 'kanikoDownload', message: expect.stringContaining('what ADD in line 4 downloads') },
    { id: 'kanikoLink', message: expect.stringContaining('copies line 3, 5 like any other') },
  ]);
});
