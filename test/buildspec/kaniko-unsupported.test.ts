import { execFileSync, spawnSync } from 'child_process';
import * as path from 'path';
import { BUILDSPEC } from './build-machine';
import { DockerBuilder } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

/** That of this machine, and that of kaniko's image where it is here, too. */
const AWKS = [['awk'], ['busybox', 'awk']].filter(([program], index) => index === 0 || spawnSync(program, ['true']).status === 0);

const STAGES = 'FROM busybox AS base\nFROM busybox\n';

/** What the build says of a Dockerfile that lies in a source, in each awk. */
function inBuild(dockerfile: string): string[] {
  return AWKS.map(([program, ...args]) => execFileSync(program, [...args,
    '-v', 'platform=linux/amd64', '-f', path.join(BUILDSPEC, 'kaniko-unsupported.awk')], { input: dockerfile, encoding: 'utf-8' }));
}

/** Whether a step says anything of it when it is known at synthesis. */
function atSynthesis(dockerfile: string): string {
  const pipeline = new TestPipeline({ env: PIPELINE_ENV });
  const image = pipeline.image('Image', { context: new TempContext({ Dockerfile: dockerfile }).context });
  try {
    pipeline.step({ builder: DockerBuilder.kaniko(), image });
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('what synthesis refuses, the build refuses of a source', () => {
  test.each([
    'RUN --mount=type=secret,id=token cat /run/secrets/token',
    'RUN --mount=id=token,type=secret x',
    'RUN --mount=TYPE=Secret,id=token x',
    'RUN --network=default --mount=type=secret x',
    'run \\\n  # a comment\n\n  --mount=type=cache,target=/x --mount=id=token,type=secret y',
    'ONBUILD RUN --mount=type=secret,id=token x',
    'ONBUILD COPY --from=base / /x',
    'RUN --mount=type=ssh git clone x',
    'RUN --mount=type=tmpfs,target=/x y',
    'RUN --mount=type=bind,from=busybox,target=/x y',
    'RUN --mount=from=base,target=/x y',
    'RUN --mount=type=cache,from=base,target=/x y',
    'RUN --mount=type=bind,source=x,target=x y',
    'RUN --mount=type=cache,dst=.cache y',
    'RUN <<EOF\nx=1\necho $x\nEOF',
    'RUN <<-"EOF"\n\techo\n\tEOF',
    'RUN --network=none x',
    'RUN --security=insecure x',
    'RUN --device=vendor.com/gpu x',
    'COPY --parents a/b /x',
    'COPY --exclude=*.md . /x',
    'COPY --from=base / /x',
    'COPY --from=BASE ["/", "/x"]',
    'COPY --from=base ["/","/x"]',
    'COPY --chown=1 --from=base /* /x',
    'COPY --from=0 ./ /x',
    'COPY <<EOF /x\nRUN --mount=type=secret,id=x y\nEOF\nCOPY --parents a/b /x',
    'ADD --checksum=sha256:1 https://example.com/x /x',
    'ADD --exclude=x . /x',
    'ADD --keep-git-dir=true x /x',
    'ADD --unpack=true x.tar /x',
    'ADD --chown=7:8 x.tar.gz /x',
    'ADD --chown=7:8 ["x.tgz", "/x"]',
    'ADD https://example.com/team/repository.git#main /x',
    'ADD git@example.com:team/repository.git /x',
    'FROM --platform=linux/arm64 busybox',
  ])('%j', (text) => {
    expect(inBuild(STAGES + text)).toEqual(AWKS.map(() => expect.stringMatching(/^line \d+ has \S+, and \w/)));
    expect(atSynthesis(STAGES + text)).toContain('DockerBuilder.kaniko() ');
  });

  test('another frontend', () => {
    expect(inBuild('# syntax=example/frontend\nFROM x\n')).toEqual(AWKS.map(() => 'line 1 has # syntax=example/frontend, and it has no frontends\n'));
    expect(atSynthesis('# syntax=example/frontend\nFROM x\n')).toContain('DockerBuilder.kaniko() has no frontends');
  });
});

describe('what synthesis lets pass, the build lets pass', () => {
  test.each([
    '# syntax=example/frontend', // behind the first instruction it is a comment
    '# RUN --mount=type=secret x',
    'RUN echo --mount=type=secret',
    'RUN --mount=type=cache,target=/x y',
    'RUN --mount=type=cache,target=$HOME/.cache x',
    'RUN --mount=type=bind,source=x,target=/x y',
    "RUN sh <<'EOF'\nRUN --mount=type=secret,id=x y\n  EOF\nCOPY --parents a /x\nEOF\nRUN x",
    'RUN python3 - <<-ONE && sh <<"TWO"\n\tCOPY --parents a /x\n\tONE\nADD --checksum=x y /z\nTWO\nRUN x',
    'COPY <<EOF /x\n\nRUN --network=none\nEOF',
    'ONBUILD COPY --from=busybox / /x',
    'COPY --from=busybox / /x',
    'COPY --from=base /x /',
    'COPY --from=base ["/x", "/"]',
    'COPY --chown=1 --chmod=755 . /',
    'ADD --chown=7:8 https://example.com/x.tar.gz /x',
    'ADD --chown=7:8 x.tar.txt.example /x',
    'ADD https://example.com/x.tar.gz /x',
    'FROM --platform=linux/amd64 busybox',
    'FROM --platform=$BUILDPLATFORM busybox',
    'CMD ["x", "--network=none"]',
  ])('%j', (text) => {
    expect(inBuild(`${STAGES}${text}\nUSER 1\n`)).toEqual(AWKS.map(() => ''));
    expect(atSynthesis(`${STAGES}${text}\nUSER 1\n`)).toBe('');
  });
});
