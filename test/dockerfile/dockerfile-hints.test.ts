import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { DockerfileHint, dockerfileHints } from '../../lib/dockerfile/dockerfile-hints';

interface Case {
  readonly target?: string;
  readonly files?: readonly string[];
}

function hints(content: string, { target, files = ['src/a'] }: Case = {}): DockerfileHint[] {
  return dockerfileHints(Dockerfile.parse(content), { target, contextPaths: files });
}

function hintsOf(id: DockerfileHint['id'], content: string, options?: Case): string[] {
  return hints(content, options).filter((hint) => hint.id === id).map(({ message }) => message);
}

test('a Dockerfile that wastes nothing gets no hint', () => {
  expect(hints('FROM python:3\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY --link . .')).toEqual([]);
});

test('of a Dockerfile that is not understood, only the context is known', () => {
  expect(hints('# syntax=foo/bar\nFROM a\nCOPY . .\nRUN npm ci', { files: ['.git/HEAD'] }).map(({ id }) => id)).toEqual(['contextWithoutIgnore']);
});

describe('broadCopyBeforeInstall', () => {
  test.each([
    ['npm', 'COPY . .\nRUN npm ci'],
    ['npm', 'COPY ./ /app/\nRUN npm --prefix /app install --omit=dev'],
    ['npm', 'ADD . .\nRUN ["npm", "ci"]'],
    ['npm', 'COPY * ./\nRUN set -e; NODE_ENV=x npm i'],
    ['yarn', 'COPY . .\nRUN yarn'],
    ['pnpm', 'COPY . .\nRUN corepack enable && pnpm install --frozen-lockfile'],
    ['pip', 'COPY . .\nRUN pip install --no-cache-dir -r requirements.txt'],
    ['pip', 'COPY . .\nRUN python3 -m pip install -r requirements.txt -t .'],
    ['poetry', 'COPY . .\nRUN <<EOF\npoetry install\nEOF'],
    ['uv', 'COPY . .\nRUN uv sync --frozen'],
    ['mvn', 'COPY . .\nRUN ./mvnw -B package'],
    ['dotnet', 'COPY . .\nRUN dotnet publish -c Release'],
    ['go', 'COPY . .\nRUN go mod download'],
    ['bundle', 'COPY . .\nRUN bundle install'],
    ['composer', 'COPY . .\nRUN composer install'],
    ['apt-get', 'COPY . .\nRUN apt-get update && apt-get install -y git'],
    ['apk', 'COPY . .\nRUN apk add --no-cache git'],
  ])('%s behind a copy of everything: %j', (program, lines) => {
    expect(hintsOf('broadCopyBeforeInstall', `FROM a\n${lines}`)).toEqual([expect.stringContaining(`(${program}, line 3)`)]);
  });

  test('go fetches when it builds, if there is something to fetch', () => {
    expect(hintsOf('broadCopyBeforeInstall', 'FROM a\nCOPY . .\nRUN go build', { files: ['go.sum'] })).toHaveLength(1);
    expect(hintsOf('broadCopyBeforeInstall', 'FROM a\nCOPY . .\nRUN go build', { files: ['go.mod'] })).toEqual([]);
  });

  test.each([
    ['the files that name the dependencies come first', 'COPY package*.json ./\nRUN npm ci\nCOPY . .'],
    ['the same was installed before', 'COPY package.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build && npm ci --omit=dev'],
    ['the same was installed in the stage below', 'RUN npm ci\nFROM x\nCOPY . .\nRUN npm ci'],
    ['only a folder is copied', 'COPY src .\nRUN npm ci'],
    ['it is a copy of another stage', 'COPY --from=x . .\nRUN npm ci'],
    ['nothing is installed', 'COPY . .\nRUN npm run build && echo npm ci && pip --version'],
    ['the project itself is installed', 'COPY . .\nRUN pip install .'],
  ])('none when %s', (_, lines) => {
    expect(hintsOf('broadCopyBeforeInstall', `FROM a AS x\n${lines}`)).toEqual([]);
  });

  test('none for a stage that the build does not go through', () => {
    const content = 'FROM a AS test\nCOPY . .\nRUN npm ci\nFROM a AS build\nCOPY . .\nRUN npm ci\nFROM a\nCOPY --link --from=build /x /x';
    expect(hintsOf('broadCopyBeforeInstall', content)).toEqual([expect.stringContaining('line 5')]);
    expect(hintsOf('broadCopyBeforeInstall', content, { target: 'test' })).toEqual([expect.stringContaining('line 2')]);
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
  test('names the directories, the biggest first, and counts', () => {
    const files = ['.git/HEAD', 'web/node_modules/a/x', 'web/node_modules/b/node_modules/c', 'src/__pycache__/x.pyc', 'src/a'];
    expect(hints('FROM scratch', { files })).toEqual([{
      id: 'contextWithoutIgnore',
      isWarning: true,
      message: expect.stringMatching(/web\/node_modules \(2 files\), \.git \(1 file\), src\/__pycache__ \(1 file\), which/),
    }]);
  });

  test.each([
    ['nothing of that kind is there', 'FROM scratch\nCOPY . .', ['src/a', '.gitignore', 'venv']],
    ['the Dockerfile copies it by its name', 'FROM scratch\nCOPY node_modules node_modules', ['node_modules/a']],
  ])('none when %s', (_, content, files) => {
    expect(hintsOf('contextWithoutIgnore', content, { files })).toEqual([]);
  });
});
