import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { ContextFile } from '../../lib/context/context-files';
import { ContextTree } from '../../lib/context/context-tree';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { linkCopies, LinkOptions } from '../../lib/dockerfile/linked-copies';

// That the images are the same, integ/local/linked-copies.test.ts proves with real builds; here is why a line is rewritten or left.

const file = (name: string): ContextFile => ({ path: name, type: 'file' });
const files = [file('app.py'), file('requirements.txt'), file('src/a.py'), file('src/lib/b.py'), { path: 'link', type: 'link', target: 'src' } as const];
const context = new ContextTree('/nowhere', files);
const LAMBDA = 'FROM public.ecr.aws/lambda/python:3.12\nRUN pip install x -t /var/task\n';
const PYTHON = 'FROM python:3.12-slim\nRUN pip install x\n';

function link(content: string, options: LinkOptions = {}) {
  return linkCopies(Dockerfile.parse(content, options), { context, ...options });
}

/** The reason why the last line is left alone. */
function reason(content: string, options?: LinkOptions): string | undefined {
  const { left, changes } = link(content, options);
  expect(changes).toEqual([]);
  return left[left.length - 1]?.reason;
}

describe('a copy is linked', () => {
  const cases: [string, string, LinkOptions?][] = [
    ['into a directory of the Lambda images', `${LAMBDA}COPY src /var/task/`],
    ['below it', `${LAMBDA}COPY src /var/task/x/y`],
    ['by the variable of the Lambda images', `${LAMBDA}COPY app.py \${LAMBDA_TASK_ROOT}/`],
    ['relative to the directory of the Lambda images', `${LAMBDA}COPY app.py ./`],
    ['into a directory that nobody made before', `${PYTHON}COPY src /app`],
    ['as a file that nobody made before', `${PYTHON}COPY app.py /app/main`],
    ['a directory onto one that is there', `${PYTHON}WORKDIR /app\nRUN npm ci\nCOPY src /app`],
    ['into the WORKDIR of root', `${PYTHON}WORKDIR /a\nWORKDIR b\nCOPY src ./`],
    ['everything', `${PYTHON}WORKDIR /app\nCOPY . .`],
    ['behind RUNs that only install packages', `${PYTHON}WORKDIR /app\nRUN --mount=type=cache,target=/app/cache apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*\nCOPY src .`],
    ['behind a RUN that disturbs other directories', `${PYTHON}RUN useradd app && mkdir -p /data && chown app /data\nCOPY src /app/`],
    ['behind a download', `${PYTHON}WORKDIR /app\nRUN curl -o /usr/bin/x https://example.com/x && chmod +x /usr/bin/x\nCOPY src .`],
    ['by a pattern', `${PYTHON}WORKDIR /app\nCOPY *.py requirements.txt ./`],
    ['below what a copy of the context brought', `${PYTHON}COPY --link . /app/\nCOPY src /app/src/lib`],
    ['beside what a copy of a stage brought', `${PYTHON}WORKDIR /app\nCOPY --link --from=other:1 /x/package.json ./\nCOPY --from=other:1 /x/dist dist`],
    ['behind a cd into a directory that is given away', `${PYTHON}WORKDIR /app\nRUN cd /data && chown -R 1000 .\nCOPY src .`],
    ['for root by name', `${PYTHON}COPY --chown=root:root src /app/`],
    ['for an owner by number, where nothing is', `${PYTHON}COPY --chown=1000:1000 src /app/`],
    ['by a later USER', `${PYTHON}WORKDIR /app\nUSER 1000\nCOPY src .`],
    ['by an argument', `${PYTHON}ARG HOME_OF_APP=/app\nCOPY src $HOME_OF_APP/`],
    ['by an argument that a build argument gives', `${PYTHON}ARG WHERE\nCOPY src $WHERE/`, { buildArgs: { WHERE: '/app' } }],
    ['by a global argument', `ARG WHERE=/app\n${PYTHON}ARG WHERE\nENV THERE=$WHERE/x\nCOPY src $THERE/`],
    ['with metadata behind it', `${PYTHON}COPY src /app/\nENV a=b\nLABEL c=d\nUSER 1\nEXPOSE 1\nVOLUME /x\nCMD ["x"]\nHEALTHCHECK NONE\nSTOPSIGNAL 9\nENTRYPOINT []\nWORKDIR /`],
    ['behind one that is linked already', `${PYTHON}COPY --link src /app/\nCOPY app.py /app/`],
    ['on top of a stage', 'FROM python:3 AS a\nWORKDIR /app\nFROM a\nCOPY src .'],
    ['from a stage, without knowing what', `FROM golang:1 AS build\nRUN ./x.sh\n${PYTHON}COPY --from=build /out /app`],
    ['a directory of a stage onto one that is there', `FROM python:3 AS build\nWORKDIR /app\n${PYTHON}WORKDIR /app\nCOPY --from=build /app /app`],
    ['with --exclude', `${PYTHON}COPY --exclude=*.md src /app/`],
    ['a here-document', `${PYTHON}COPY <<EOF /app/x\nCOPY a b\nEOF`],
    ['ADD of a directory', `${PYTHON}ADD src /app/`],
    ['in JSON', `${PYTHON}COPY ["src", "/my app/"]`],
    ['in an image that a digest names', `FROM docker.io/library/debian:12@sha256:${'0'.repeat(64)}\nCOPY src /app/`],
    ['on an image of Docker Hub\'s mirror', 'FROM public.ecr.aws/docker/library/node:20\nCOPY src /app/'],
    ['into a program directory', `${PYTHON}COPY app.py /usr/local/bin/`],
  ];

  // All arguments are given, since jest takes one more for a callback.
  test.each(cases.map(([name, content, options = {}]) => [name, content, options] as const))('%s', (_, content, options) => {
    const { changes, left, content: linked } = link(content, options);
    expect(left).toEqual([]);
    expect(changes).toHaveLength(1);
    const [{ line, before, after }] = changes;
    expect(after).toBe(before.replace(/^(COPY|ADD)/, '$1 --link'));
    expect(linked.split('\n')).toEqual(content.split('\n').map((text, index) => index === line - 1 ? text.replace(before, after) : text));
  });
});

describe('a destination that is a directory gets a slash, since a linked copy cannot see it', () => {
  test.each([
    ['for a file', `${LAMBDA}COPY app.py /var/task`],
    ['as in the guide of AWS Lambda', `${LAMBDA}COPY app.py \${LAMBDA_TASK_ROOT}`],
    ['for something', `${LAMBDA}COPY --from=other:1 /x /var/task`],
    ['for a link', `${PYTHON}WORKDIR /app\nCOPY link /app`],
    ['before spaces and a line of Windows', `${LAMBDA}COPY app.py /var/task  \r\nCMD ["a.b"]\r\n`],
    ['before a line with a copy', `${LAMBDA}COPY app.py /var/task\nCOPY src /var/task/`],
  ])('%s', (_, content) => {
    const { left, content: linked } = link(content);
    expect(left).toEqual([]);
    expect(linked).toBe(content.replace(/(COPY)( .*?)(\/app|\/var\/task|TASK_ROOT\})(?=\s|$)/, '$1 --link$2$3/').replace('COPY src', 'COPY --link src'));
    expect(linked).toMatch(/--link .*\/(\s|$)/);
  });
});

describe('a copy is left alone', () => {
  const cases: [string, string, string, LinkOptions?][] = [
    ['of a file onto a directory without a slash, in several lines', `${LAMBDA}COPY app.py \\\n  /var/task`, 'end the destination with a slash'],
    ['of a file onto a directory without a slash, as JSON', `${LAMBDA}COPY ["app.py", "/var/task"]`, 'end the destination with a slash'],
    ['of something onto what may be a directory', `${PYTHON}RUN mkdir -p /app\nCOPY --from=other:1 /x /app`, 'end the destination with a slash'],
    ['into a directory that is a link', `${PYTHON}COPY app.py /bin/`, '/bin may be a symbolic link in the base image python:3.12-slim'],
    ['into a directory that all may write', `${PYTHON}COPY app.py /tmp/`, '/tmp may be'],
    ['into a home', 'FROM node:20\nCOPY src /home/node/app/', '/home may be'],
    ['into the top', `${PYTHON}COPY src /`, 'may be symbolic links'],
    ['into a directory that a RUN gave away', `${PYTHON}WORKDIR /app\nRUN chown 1000 /app\nCOPY src ./x/`, 'the RUN in line 4 names /app'],
    ['into a directory that a RUN gave away where it was', `${PYTHON}WORKDIR /app\nRUN chown -R 1000 .\nCOPY src .`, 'the RUN in line 4 names /app'],
    ['into a directory that a RUN made with a mode', `${PYTHON}RUN mkdir -m 700 /app\nCOPY src /app/`, 'the RUN in line 3 names /app'],
    ['into a link of a RUN', `${PYTHON}RUN mkdir /a && ln -s /a /b\nCOPY src /b/`, 'the RUN in line 3 names /b'],
    ['into a directory that another user made', `${PYTHON}USER 1000\nRUN mkdir /app/x\nCOPY src /app/x/`, 'the RUN in line 4 names /app/x'],
    ['into the home that a RUN gave', `${PYTHON}RUN useradd --home-dir=/service app\nCOPY src /service/`, 'names /service'],
    ['behind a RUN of an unknown program', `${PYTHON}RUN ./setup.sh\nCOPY src /app/`, 'because it runs ./setup.sh'],
    ['behind a RUN that runs a script of the project', `${PYTHON}RUN npm run build\nCOPY src /app/`, 'because it runs npm'],
    ['behind a RUN that is more than a list', `${PYTHON}RUN x=$(y)\nCOPY src /app/`, 'more than a list of commands'],
    ['behind a RUN on unknown paths', `${PYTHON}RUN chown 1000 "$X"\nCOPY src /app/`, 'paths that are known only when it runs'],
    ['behind a RUN that hides a variable', `${PYTHON}ENV D=/x\nRUN D=/app; chmod 700 $D\nCOPY src /app/`, 'paths that are known only when it runs'],
    ['where a download may have put something', `${PYTHON}WORKDIR /app\nRUN curl -O https://example.com/x\nCOPY app.py x`, 'the RUN in line 4'],
    ['where a project may have been installed', `${PYTHON}WORKDIR /app\nRUN pip install --target=lib x\nCOPY --from=other:1 /x lib`, 'end the destination'],
    ['behind a cd to somewhere', `${PYTHON}RUN cd "$X" && chown -R 1000 .\nCOPY src /app/`, 'paths that are known only when it runs'],
    ['into what a user installed', `${PYTHON}WORKDIR /app\nUSER 1000\nRUN npm ci\nCOPY src ./src/`, 'the RUN in line 5'],
    ['into a file', `${PYTHON}COPY --link app.py /app\nCOPY src /app/src`, '/app is not a directory'],
    ['below what a copy of a stage brought by a pattern', `${PYTHON}WORKDIR /app\nCOPY --link --from=other:1 /x/* ./\nCOPY src src/`, 'the COPY in line 4'],
    ['behind a RUN on a pattern', `${PYTHON}RUN chmod 700 /*\nCOPY src /app/`, 'paths that are known only when it runs'],
    ['behind an unknown shell', `${PYTHON}SHELL ["/bin/fish"]\nCOPY src /app/`, 'SHELL of line 3'],
    ['into the WORKDIR of another user', `${PYTHON}USER 1000\nWORKDIR /app\nCOPY src .`, 'the WORKDIR in line 4'],
    ['into the WORKDIR of the user of the image', 'FROM gcr.io/distroless/static:nonroot\nWORKDIR /app\nCOPY src .', 'the WORKDIR in line 2'],
    ['in front of a WORKDIR', `${PYTHON}COPY src /app/\nWORKDIR /app`, 'put the WORKDIR in front of the copies'],
    ['in front of one that is left alone', `${PYTHON}COPY app.py /tmp/`, '/tmp'],
    ['for an owner by name', `${PYTHON}COPY --chown=app src /app/`, 'write the numbers'],
    ['for an owner by number, below a directory of root', `${PYTHON}WORKDIR /app\nCOPY --chown=1000 src ./x/`, 'would give /app to 1000'],
    ['into what a copy gave away', `${PYTHON}COPY --chown=1000 src /app/\nCOPY app.py /app/`, 'the COPY in line 3'],
    ['into what a copy may have brought', `${PYTHON}COPY --from=other:1 /x /app/\nCOPY app.py /app/lib/`, 'the COPY in line 3'],
    ['with a mode', `${PYTHON}COPY --chmod=755 src /app/`, 'does not link a copy with --chmod'],
    ['with --link=false', `${PYTHON}COPY --link=false src /app/`, '--link=false'],
    ['with --parents', `${PYTHON}COPY --parents src/lib /app/`, '--parents'],
    ['to an unknown variable', `${PYTHON}COPY src $X/`, 'name it by an absolute path'],
    ['to a variable with a default', `${PYTHON}COPY src \${X:-/app}/`, 'name it by an absolute path'],
    ['to an unknown directory', 'FROM php:8\nCOPY src .', 'name it by an absolute path'],
    ['through the parent', `${PYTHON}COPY src /app/../tmp/`, 'name it by an absolute path'],
    ['on an unknown base', 'FROM example.com/base\nCOPY src /app/', 'nothing is known of the directories of the base image example.com/base'],
    ['on an official image that has users of its own', 'FROM postgres:17\nCOPY src /app/', 'nothing is known'],
    ['on a base that is an unknown argument', 'ARG BASE\nFROM $BASE\nCOPY src /app/', 'nothing is known of the directories of the base image $BASE'],
    ['on a stage with ONBUILD', 'FROM python:3 AS a\nONBUILD RUN x\nFROM a\nCOPY src /app/', 'ONBUILD'],
    ['on an image that a named context replaces', `${PYTHON}COPY src /app/`, 'named context', { buildContexts: ['python'] }],
    ['ADD from elsewhere', `${PYTHON}ADD https://example.com/x /app/`, 'https://example.com/x'],
    ['ADD of what is not known', `${PYTHON}ADD other.tgz /app/`, 'may unpack an archive'],
    ['with an old frontend', `# syntax=docker/dockerfile:1.3\n${PYTHON}COPY src /app/`, 'too old'],
  ];

  test.each(cases.map(([name, content, expected, options = {}]) => [name, content, expected, options] as const))('%s', (_, content, expected, options) => {
    expect(reason(content, options)).toContain(expected);
  });
});

describe('nothing is said of', () => {
  test.each([
    ['copies in front of a RUN', `${PYTHON}COPY src /app/\nRUN x`],
    ['other stages', `${PYTHON}COPY src /tmp/\nFROM python:3`],
    ['the first layer', 'FROM scratch\nCOPY src /app/'],
    ['ONBUILD', `${PYTHON}ONBUILD COPY src /app/`],
    ['a Dockerfile that is not understood', '# syntax=foo/bar\nFROM a\nCOPY b c'],
    ['what is linked', `${PYTHON}COPY --link src /tmp/\nADD --link=true src /bin/`],
  ])('%s', (_, content) => {
    expect(link(content)).toEqual({ content, changes: [], left: [] });
  });
});

test('the target is the stage that counts', () => {
  const content = `${PYTHON}COPY src /app/\nFROM python:3 AS Other\nCOPY src /app/`;
  expect(link(content, { target: '0' }).changes).toMatchObject([{ line: 3 }]);
  expect(link(content, { target: 'other' }).changes).toMatchObject([{ line: 5 }]);
  expect(link(content, { target: 'none' }).changes).toEqual([]);
});

test('only what comes behind the last step that needs the layers is linked', () => {
  const { changes, left } = link(`${PYTHON}COPY src /app/a/\nCOPY app.py /tmp/\nCOPY src /app/b/\nCOPY src /app/c/`);
  expect(changes.map(({ line }) => line)).toEqual([5, 6]);
  expect(left).toMatchObject([{ line: 3, instruction: 'COPY src /app/a/', reason: expect.stringContaining('the COPY in line 4') }, { line: 4 }]);
});

test('all but the flag stays as it is', () => {
  const content = '\ufeff# syntax=docker/dockerfile:1\r\n# escape=`\r\nFROM python:3\r\n\r\n  copy `\r\n   # why\r\n\tsrc  `\r\n\r\n /app/   \r\nCopy <<A /app/x\r\n COPY a b\r\nA';
  expect(link(content).content).toBe(content.replace('  copy `', '  copy --link `').replace('Copy <<', 'Copy --link <<'));
});

test('ADD tells an archive by its first bytes, or by its name', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'linked-copies-'));
  try {
    fs.writeFileSync(path.join(directory, 'data'), Buffer.from('1f8b0800', 'hex'));
    fs.writeFileSync(path.join(directory, 'data.tar'), 'no archive');
    fs.writeFileSync(path.join(directory, 'text'), 'text');
    const add = (name: string) => link(`${PYTHON}ADD ${name} /app/`, { context: new ContextTree(directory, ['data', 'data.tar', 'text'].map(file)) });
    expect(add('text').changes).toHaveLength(1);
    expect(add('data').left).toHaveLength(1);
    expect(add('data.tar').left).toHaveLength(1);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
});
