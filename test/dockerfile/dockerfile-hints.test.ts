import { ContextView } from '../../lib/dockerfile/context-view';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { DockerfileHint, dockerfileHints, HintOptions } from '../../lib/dockerfile/dockerfile-hints';

interface Case extends Partial<HintOptions> {
  /** The context, by paths, with what the files say. */
  readonly files?: { readonly [path: string]: string };
}

/** A project in each of the languages, whose code is in `src`. */
const FILES: NonNullable<Case['files']> = {
  'src/main.rs': '',
  'src/index.ts': '',
  'conf/site.conf': '',
  'start.sh': '',
  'package.json': '{}',
  'requirements.txt': '',
  'Cargo.lock': 'source = "x"',
  'go.sum': 'x',
  'pyproject.toml': 'dependencies = ["x"]',
};

function hints(content: string, { files = FILES, ...options }: Case = {}): DockerfileHint[] {
  const context = new ContextView(Object.keys(files).map((path) => ({ path, type: 'file' })), (path) => files[path]);
  return dockerfileHints(Dockerfile.parse(content, options), { context, platform: 'linux/amd64', linkCopies: true, ...options });
}

function hintsOf(id: DockerfileHint['id'], content: string, options?: Case): string[] {
  return hints(content, options).filter((hint) => hint.id === id).map(({ message }) => message);
}

test('a Dockerfile that wastes nothing gets no hint', () => {
  expect(hints('FROM python:3\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .')).toEqual([]);
});

describe('broadCopyBeforeInstall', () => {
  test('names both lines, and the remedy', () => {
    expect(hints('FROM a\nCOPY . .\nRUN npm ci')).toEqual([{
      id: 'broadCopyBeforeInstall',
      isWarning: true,
      message: 'the COPY in line 2 takes the whole context, so every change installs all dependencies again (npm, line 3); copy only the files that name the dependencies before it,'
        + ' and the rest after it',
    }]);
  });

  test.each([
    ['apk', 'RUN apk add --no-cache --virtual .deps git'],
    ['apt-get', 'RUN apt-get update && apt-get install -y git'],
    ['bundle', 'RUN bundle install'],
    ['cargo', 'RUN cargo build --release'],
    ['composer', 'RUN composer install'],
    ['dotnet', 'RUN dotnet publish -c Release -o out'],
    ['go', 'RUN go mod download'],
    ['go', 'RUN CGO_ENABLED=0 go build -o /app'],
    ['gradle', 'RUN ./gradlew --no-daemon :app:bootJar'],
    ['mvn', 'RUN ./mvnw -B package'],
    ['npm', 'RUN npm --prefix /app install --omit=dev'],
    ['npm', 'RUN ["npm", "ci"]'],
    ['npm', 'RUN set -e; NODE_ENV=x npm i'],
    ['npm', 'RUN npm install -g serve'],
    ['pip', 'RUN pip install --no-cache-dir -r requirements.txt'],
    ['pip', 'RUN python3 -m pip install -r requirements.txt -t .'],
    ['pip', 'RUN pip install .'],
    ['pip', 'RUN pip install -e ".[dev]"'],
    ['pip', 'RUN pip install --no-cache-dir flask==3.0 "gunicorn[gevent]>=20"'],
    ['pnpm', 'RUN corepack enable && pnpm install --frozen-lockfile'],
    ['poetry', 'RUN <<EOF\npoetry install\nEOF'],
    ['uv', 'RUN uv sync --frozen'],
    ['yarn', 'RUN yarn'],
  ])('%s behind a copy of everything: %j', (program, run) => {
    expect(hintsOf('broadCopyBeforeInstall', `FROM a\nCOPY . .\n${run}`)).toEqual([expect.stringContaining(`(${program}, line 3)`)]);
  });

  test.each([
    ['a copy of the context, however it is written', 'ADD ./ /app/\nRUN npm ci', 'takes the whole context'],
    ['a copy in the stage below', 'COPY . /app\nFROM x AS y\nRUN npm ci', 'the COPY in line 2'],
    ['a folder with code', 'COPY src /app\nRUN npm install', 'the COPY in line 2 takes source code'],
    ['a folder that a variable names', 'ARG DIR=src\nCOPY ${DIR}/ /app\nRUN npm install', 'the COPY in line 3 takes source code'],
    ['what another stage has built', 'WORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm run build\nFROM a\nCOPY --from=x /app/package.json ./\nCOPY --from=x /app/dist ./dist/\nRUN npm install --omit=dev',
      'the COPY in line 9 takes what is built from the source, so every change installs all dependencies again (npm, line 10); put the installation before it'],
  ])('%s', (_, lines, message) => {
    expect(hintsOf('broadCopyBeforeInstall', `FROM a AS x\n${lines}`)).toEqual([expect.stringContaining(message)]);
  });

  test('says what a program that builds can get before it', () => {
    expect(hintsOf('broadCopyBeforeInstall', 'FROM a\nCOPY . .\nRUN cargo build')).toEqual([expect.stringContaining('before a RUN with cargo chef, and the rest after it')]);
  });

  test.each([
    ['the files that name the dependencies come first', 'COPY package*.json ./\nRUN npm ci\nCOPY . .'],
    ['the first command was the installation, and the second has all it needs', 'COPY pnpm-lock.yaml ./\nRUN pnpm fetch --prod\nCOPY . .\nRUN pnpm install -r --offline --prod'],
    ['the first command was the installation, and the second says nothing of it', 'COPY pnpm-lock.yaml ./\nRUN pnpm fetch\nCOPY . .\nRUN pnpm install -r'],
    ['the same was installed before', 'COPY package.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build && npm ci --omit=dev'],
    ['another program of that language installed before', 'COPY requirements.txt ./\nRUN uv pip install -r requirements.txt\nCOPY . .\nRUN pip install .'],
    ['the same was installed in the stage below', 'RUN npm ci\nFROM x\nCOPY . .\nRUN npm ci'],
    ['the same was installed in a stage that it was copied from', 'RUN npm ci\nFROM a\nCOPY --from=x /app/node_modules ./node_modules\nCOPY . .\nRUN npm ci'],
    ['the recipe of another stage was cooked', 'COPY . .\nRUN cargo chef prepare\nFROM a\nCOPY --from=x recipe.json .\nRUN cargo chef cook\nCOPY . .\nRUN cargo build'],
    ['a task of the same build ran before, and may have been for that', 'COPY gradlew build.gradle ./\nRUN ./gradlew fetchAll\nCOPY . .\nRUN ./gradlew build'],
    ['something unknown was done with the first files', 'COPY setup ./\nRUN ./setup dependencies\nCOPY . .\nRUN npm ci'],
    ['a folder without code is copied', 'COPY conf ./conf\nRUN npm ci'],
    ['a folder is copied for the step, and the rest after it', 'COPY src ./src\nRUN npm ci\nCOPY . .'],
    ['another stage hands on what names the dependencies', 'COPY . .\nRUN turbo prune web --docker\nFROM a\nCOPY --from=x /app/out/json/ .\nRUN npm ci'],
    ['it is a copy of an image', 'COPY --from=somebody/files . .\nRUN npm ci'],
    ['nothing is installed', 'COPY . .\nRUN npm run build && echo npm ci && pip --version'],
    ['only the project itself is installed', 'COPY . .\nRUN pip install --no-deps . && poetry install --only-root'],
    ['packages are those of the context', 'COPY . .\nRUN apt-get install -y ./own.deb && pip install wheels/own.whl && bundle install --local && dotnet build --no-restore'],
    ['what is installed is not known', 'COPY . .\nRUN apt-get install -y $PACKAGES'],
  ])('none when %s', (_, lines) => {
    expect(hintsOf('broadCopyBeforeInstall', `FROM a AS x\n${lines}`)).toEqual([]);
  });

  test.each([
    ['modules of Go that lie in the context', 'go build ./...', { 'vendor/modules.txt': '' }],
    ['modules of Go, as the command says', 'go build -mod=vendor', {}],
    ['crates that lie in the context', 'cargo build', { 'vendor/serde/.cargo-checksum.json': '' }],
    ['packages of yarn that lie in the context', 'yarn install', { '.yarn/cache/x.zip': '' }],
    ['gems that lie in the context', 'bundle install', { 'vendor/cache/x.gem': '' }],
    ['a module without dependencies', 'go build', { 'go.sum': '' }],
    ['a crate without dependencies', 'cargo build', { 'Cargo.lock': '[[package]]' }],
    ['a project without dependencies', 'pip install .', { 'pyproject.toml': '[build-system]\nrequires = ["x"]' }],
  ])('none for %s', (_, command, files) => {
    const content = `FROM a AS x\nCOPY . .\nRUN ${command}\nFROM b\nCOPY --from=x /a /a`;
    expect(hints(content, { files: { ...FILES, ...files } })).toEqual([]);
  });

  test('none for a stage that the build does not go through', () => {
    const content = 'FROM a AS test\nCOPY . .\nRUN npm ci\nFROM a AS build\nCOPY . .\nRUN npm ci\nFROM a\nCOPY --from=build /x /x';
    expect(hintsOf('broadCopyBeforeInstall', content)).toEqual([expect.stringContaining('line 5')]);
    expect(hintsOf('broadCopyBeforeInstall', content, { target: 'test' })).toEqual([expect.stringContaining('line 2')]);
  });
});

describe('copyBeforeRun', () => {
  test('names the RUN, and the remedy', () => {
    expect(hints('FROM a\nCOPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm run build')).toEqual([{
      id: 'copyBeforeRun',
      isWarning: false,
      message: 'the COPY in line 4 takes the whole context, so every change of it runs the RUN in line 5 again, on all layers below it;'
        + ' put the RUN before the copy, or, if it needs these files, into a separate stage, and copy its results from there',
    }]);
  });

  test('has a better remedy for a RUN that only changes owners and modes', () => {
    expect(hints('FROM a\nCOPY start.sh /\nRUN set -e; chmod +x /start.sh && chown -R 1000 /app')).toEqual([{
      id: 'copyBeforeRun',
      isWarning: false,
      message: 'the RUN in line 3 only changes owners or modes, and runs again, on all layers below it, with every change of what the COPY in line 2 takes; write --chown or --chmod on the copy instead',
    }]);
  });

  test.each([
    ['what another stage has built', 'COPY . .\nRUN make\nFROM b\nCOPY --from=x /build/dist /app\nRUN useradd app', 'the COPY in line 5 takes what is built from the source'],
    ['a folder with code, as the last copy', 'COPY conf /etc/a\nCOPY src /app\nRUN make', 'the COPY in line 3 takes source code'],
    ['a copy in the stage below', 'COPY . .\nFROM x\nRUN make', 'the COPY in line 2'],
  ])('%s', (_, lines, message) => {
    expect(hintsOf('copyBeforeRun', `FROM a AS x\n${lines}`)).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    ['the files are what the step is for', 'COPY requirements.txt .\nRUN pip install -r requirements.txt'],
    ['a folder is copied for the step, and the rest after it', 'COPY src/main.rs src ./src\nRUN make\nCOPY . .'],
    ['the step comes first', 'RUN make\nCOPY . .'],
    ['it is in another stage', 'COPY . .\nRUN make\nFROM a\nCOPY --from=x /out /out'],
    ['the step only puts the dependencies in their place', 'COPY pnpm-lock.yaml ./\nRUN pnpm fetch\nCOPY . .\nRUN pnpm install --offline'],
    ['the files are those of an image', 'COPY --from=composer /usr/bin/composer /usr/bin/composer\nRUN chmod +x /usr/bin/composer'],
    ['a step behind the one for the modes needs all layers anyway', 'COPY start.sh /\nRUN chmod +x /start.sh\nRUN make'],
  ])('none when %s', (_, lines) => {
    expect(hintsOf('copyBeforeRun', `FROM a AS x\n${lines}`)).toEqual([]);
  });
});

describe('copiesNotLinked', () => {
  test.each([
    ['WORKDIR app', 'the WORKDIR in line 3 does not begin with a slash, so it needs all layers below it, and what is copied in line 2 cannot be linked; write an absolute path, or put it before the copies'],
    ['COPY --link=false conf /conf', 'the COPY in line 3 has --link=false, so'],
    ['COPY --chmod=u+x start.sh /', 'the COPY in line 3 has a mode in letters, so it needs all layers below it, and what is copied in line 2 cannot be linked; write a number, such as --chmod=755'],
  ])('behind a copy: %s', (line, message) => {
    const content = `FROM a\nCOPY src /app/\n${line}`;
    expect(hints(content)).toEqual([{ id: 'copiesNotLinked', isWarning: false, message: expect.stringContaining(message) }]);
    expect(hints(content, { linkCopies: false })).toEqual([]);
  });

  test.each(['WORKDIR /app\nCOPY src .', 'COPY src /app/\nWORKDIR /app', 'ADD https://example.com/a.jar /\nCOPY src /app/', 'COPY --chmod=755 --link=true src /a\nCOPY --chmod=$MODE src /app',
    'COPY src /app\nWORKDIR app\nRUN x\nCOPY conf /'])(
    'none for %j', (lines) => {
      expect(hintsOf('copiesNotLinked', `FROM a\n${lines}`)).toEqual([]);
    });
});

describe('cacheMount', () => {
  test('names all lines', () => {
    const content = 'FROM a\nRUN --mount=type=cache,target=/x y\nRUN --mount=target=/x,type=cache y\nRUN --mount=type=secret,id=x y';
    expect(hintsOf('cacheMount', content)).toEqual([expect.stringContaining('line 2, 3 is empty on every new build machine')]);
  });

  test('none for other mounts', () => {
    expect(hints('FROM a\nRUN --mount=type=bind,target=/x --mount=type=tmpfs,target=/y z')).toEqual([]);
  });
});

describe('contextWithoutIgnore', () => {
  const files = (...paths: string[]) => ({ files: Object.fromEntries(paths.map((path) => [path, ''])) });

  test('names the directories, the biggest first, and counts', () => {
    expect(hints('FROM scratch', files('.git/HEAD', 'web/node_modules/a/x', 'web/node_modules/b/node_modules/c', 'src/__pycache__/x.pyc', 'src/a'))).toEqual([{
      id: 'contextWithoutIgnore',
      isWarning: true,
      message: expect.stringMatching(/web\/node_modules \(2 files\), \.git \(1 file\), src\/__pycache__ \(1 file\), which/),
    }]);
  });

  test.each([
    ['target', ['Cargo.toml', 'target/debug/x']], ['target', ['pom.xml', 'target/a.jar']], ['.next', ['.next/BUILD_ID']], ['.aws-sam', ['.aws-sam/build.toml']],
    ['api/obj', ['api/api.csproj', 'api/obj/x']], ['.git', ['.git']],
  ])('%s is one', (name, paths) => {
    expect(hintsOf('contextWithoutIgnore', 'FROM scratch\nCOPY . .\nCOPY --from=0 .next .next', files(...paths))).toEqual([expect.stringContaining(`holds ${name} (1 file)`)]);
  });

  test.each([
    ['nothing of that kind is there', 'COPY . .', ['src/a', '.gitignore', 'venv']],
    ['the Dockerfile copies it by its name', 'COPY node_modules node_modules', ['node_modules/a']],
    ['a variable names it', 'ARG JAR=target/*.jar\nCOPY ${JAR} app.jar', ['pom.xml', 'target/a.jar']],
    ['a step mounts it', 'RUN --mount=type=bind,source=.git,target=/x y', ['.git/HEAD']],
    ['a step asks git', 'COPY . .\nRUN make VERSION=$(git describe)', ['.git/HEAD']],
    ['it may be somebody else\'s directory', 'COPY . .', ['target/notes.md', 'obj/model.obj']],
  ])('none when %s', (_, lines, paths) => {
    expect(hintsOf('contextWithoutIgnore', `FROM scratch\n${lines}`, files(...paths))).toEqual([]);
  });
});

describe('dockerfileNotUnderstood', () => {
  test.each([
    ['# syntax=public.ecr.aws/x/dockerfile:1\nFROM a', 'it names the frontend public.ecr.aws/x/dockerfile:1, which may read it in its own way'],
    ['#!/usr/bin/env x\nFROM a', 'its first line names a program that reads it'],
    ['FROM a\nCOPY b \\\\\nCOPY c d', 'line 2: a line ends with two escape characters'],
    ['FROM a\n\nRUN ["sh", "-c", "x", <<"E F"]', 'line 3: the here-document <<"E is not understood'],
    ['FROM a\nRUN cat <<EOF', 'line 2: the here-document EOF does not end'],
    ['FROM a\nFOO b', 'line 2: "FOO" is not an instruction with arguments'],
    ['RUN a\nFROM b', 'line 1: RUN before the first FROM'],
    ['', 'there is no FROM'],
  ])('says why and where: %j', (content, why) => {
    expect(hints(content)).toEqual([
      { id: 'dockerfileNotUnderstood', isWarning: false, message: `it is not understood: ${why}. So there is no advice, and its copies are not linked` },
    ]);
  });

  test('the context is known all the same', () => {
    expect(hints('# syntax=foo/bar\nFROM a\nCOPY . .\nRUN npm ci', { files: { '.git/HEAD': '' } }).map(({ id }) => id)).toEqual(['dockerfileNotUnderstood', 'contextWithoutIgnore']);
  });
});

describe('missingSource', () => {
  test('says what is missing, and where', () => {
    expect(hints('FROM a\nCOPY conf nothing/ /app/')).toEqual([
      { id: 'missingSource', isWarning: true, message: 'the COPY in line 2 will fail, because "nothing/" is not in the context' },
    ]);
  });

  test.each([
    ['that a variable names', 'ARG NAME=nothing\nCOPY $NAME /'], ['in a stage that is used', 'COPY nothing /\nFROM b\nCOPY --from=x /a /b'],
    ['that a step mounts', 'RUN --mount=type=bind,source=nothing,target=/x y'], ['in JSON', 'ADD ["nothing", "/"]'],
  ])('a source %s', (_, lines) => {
    expect(hintsOf('missingSource', `FROM a AS x\n${lines}`)).toEqual([expect.stringContaining('"nothing" is not in the context')]);
  });

  test.each([
    ['that is there', 'COPY ./src/../start.sh /src conf/ ../package.json /'], ['with a wildcard, which may match nothing', 'COPY yarn.lock* package?.json /'],
    ['that nobody here knows', 'COPY $UNKNOWN "quoted" /'], ['that comes from elsewhere', 'ADD https://example.com/x git@example.com:a/b /'],
    ['of a stage', 'FROM b\nCOPY --from=x nothing /'], ['of a here-document', 'COPY <<EOF /x\nnothing\nEOF'], ['of another mount', 'RUN --mount=type=cache,source=nothing,target=/x y'],
    ['in a stage that is not used', 'COPY nothing /\nFROM b'],
  ])('none for a source %s', (_, lines) => {
    expect(hintsOf('missingSource', `FROM a AS x\n${lines}`)).toEqual([]);
  });
});

describe('unknownStage', () => {
  test('says what the name is taken for', () => {
    expect(hints('FROM a\nCOPY --from=workspace /a /b')).toEqual([
      { id: 'unknownStage', isWarning: false, message: "the COPY in line 2 takes 'workspace' for an image of that name, because no stage before it is called so" },
    ]);
  });

  test('a stage that comes later is none', () => {
    expect(hintsOf('unknownStage', 'FROM a AS one\nCOPY --from=two /a /b\nFROM b AS two', { target: 'one' })).toHaveLength(1);
  });

  test.each(['one', 'ONE', '0', 'composer', 'composer:2', 'ghcr.io/astral-sh/uv', '$NAME'])('none for %s', (name) => {
    expect(hintsOf('unknownStage', `FROM a AS one\nFROM b\nCOPY --from=${name} /a /b`)).toEqual([]);
  });
});

describe('platformMismatch', () => {
  test('of the image', () => {
    expect(hints('FROM --platform=linux/arm64 a AS base\nFROM base\nCOPY src /')).toEqual([{
      id: 'platformMismatch',
      isWarning: true,
      message: 'the image is built for linux/amd64, but starts from a stage for linux/arm64, "a"; leave out --platform there, or change the platform of the image',
    }]);
  });

  test('of a stage that runs something', () => {
    expect(hintsOf('platformMismatch', 'FROM --platform=linux/arm64 a AS x\nRUN y\nFROM b\nCOPY --from=x /a /b')).toEqual([
      'steps of a stage for linux/arm64, "a", have to be emulated, since the build runs on linux/amd64; write --platform=$BUILDPLATFORM, or leave it out',
    ]);
  });

  test.each(['aarch64', 'arm64', 'Linux/ARM64/v8', '$P'])('%s is linux/arm64', (platform) => {
    const content = `ARG P=linux/arm64\nFROM --platform=${platform} a`;
    expect(hintsOf('platformMismatch', content)).toHaveLength(1);
    expect(hintsOf('platformMismatch', content, { platform: 'linux/arm64' })).toEqual([]);
  });

  test.each([
    ['of this build', 'FROM --platform=$BUILDPLATFORM a AS x\nRUN y\nFROM --platform=${TARGETPLATFORM} b\nCOPY --from=x /a /b'],
    ['of the image', 'FROM --platform=linux/x86_64 a'],
    ['of a stage that only hands on files', 'FROM --platform=linux/arm64 a AS x\nFROM b\nCOPY --from=x /a /b'],
    ['of a stage that is not used', 'FROM --platform=linux/arm64 a\nRUN y\nFROM b'],
    ['that is not known here', 'FROM --platform=wasi/wasm a'],
  ])('none for a platform %s', (_, content) => {
    expect(hintsOf('platformMismatch', content)).toEqual([]);
  });
});
