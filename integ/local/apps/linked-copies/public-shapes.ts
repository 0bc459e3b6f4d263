import * as fs from 'fs';
import * as path from 'path';

/**
 * The shapes of public Dockerfiles, one a line of public-shapes.txt: what the image that is built starts from, and what happens to it, as a list of
 *
 * - `in DIRECTORY`, `as USER`, `run [COMMAND]`, `env`, `arg`, `volume`,
 * - `user NAME[:GROUP]=UID[:GID] [home DIRECTORY]`: a RUN that makes one,
 * - `copy` or `add KIND -> DESTINATION [by OWNER] [mode MODE] [from stage|image]`,
 * - `stage`: what follows is in a stage that starts from what is before.
 */
export interface PublicShape {
  /** The project, and which of its Dockerfiles if that is not obvious. */
  readonly project: string;
  readonly dockerfile: string;
  /** What is copied, as `writeContext` takes it. */
  readonly context: readonly string[];
  /** The lines of the copies behind the last RUN. */
  readonly trailing: readonly number[];
}

const bases: { readonly [name: string]: string } = {
  'alpine': 'alpine:3.20',
  'amazonlinux': 'amazonlinux:2023',
  'chiseled': 'mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled',
  'debian': 'debian:bookworm-slim',
  'distroless': 'gcr.io/distroless/static-debian12:nonroot',
  'distroless-root': 'gcr.io/distroless/static-debian12:latest',
  'dotnet': 'mcr.microsoft.com/dotnet/aspnet:8.0',
  'java': 'eclipse-temurin:21-jre',
  'nginx': 'nginx:alpine',
  'node': 'node:20-slim',
  'php': 'php:8.3-apache',
  'python': 'python:3.12-slim',
  'ruby': 'ruby:3.3-slim',
  'scratch': 'scratch',
  'ubi-java': 'registry.access.redhat.com/ubi8/openjdk-21:1.20',
  'ubuntu': 'ubuntu:24.04',
};

/** What the kinds of sources are: in the context, below a name of their own. The sign # is a number of each copy. */
const kinds: { readonly [kind: string]: readonly string[] } = {
  file: ['file-#*'],
  files: ['one.conf', 'two.conf*'],
  glob: ['only.war'],
  dir: ['dir/index.html', 'dir/assets/a.js', 'dir/assets/deep/b.js', 'dir/run.sh*', 'dir/tools/tool -> ../assets/a.js'],
  all: ['dir/package.json', 'dir/src/a.js', 'dir/src/deep/b.js', 'dir/src/deep/c.js', 'dir/public/index.html', 'dir/start.sh*', 'dir/node_modules/.bin/x -> ../x/cli.js', 'dir/node_modules/x/cli.js*'],
  app: ['dir/opt/app/main*', 'dir/opt/app/data/x'],
  rootfs: ['dir/etc/app.conf', 'dir/usr/local/bin/start*', 'dir/opt/app/main'],
  venv: ['dir/bin/python -> /usr/local/bin/python', 'dir/lib/python3.12/site-packages/x.py', 'dir/lib64 -> lib', 'dir/pyvenv.cfg'],
  passwd: ['passwd'],
  group: ['group'],
};

/** How they are named where they are copied. */
const names: { readonly [kind: string]: readonly string[] } = { file: ['file-#'], files: ['one.conf', 'two.conf'], glob: ['*.war'], passwd: ['passwd'], group: ['group'] };

/** Copies from images that somebody else made, by what they copy. */
const fromImages: { readonly [kind: string]: string } = {
  file: '--from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9 /lambda-adapter',
  dir: '--from=acme/tools:1 /usr/share/tools',
  rootfs: '--from=acme/tools:1 /',
};

export function readPublicShapes(): PublicShape[] {
  return fs.readFileSync(path.join(__dirname, 'public-shapes.txt'), 'utf8').trimEnd().split('\n').map(readShape);
}

function readShape(line: string): PublicShape {
  const [, project, description] = /^(.+?): (.+)$/.exec(line)!;
  const steps = description.split('; ');
  const syntax = steps[0].startsWith('syntax ') ? [`# syntax=docker/dockerfile:${steps.shift()!.slice('syntax '.length)}`] : [];
  const base = bases[steps.shift()!];
  if (!base) throw new Error(`nothing stands in for the base of ${project}`);
  const context: string[] = [];
  const lines = [...syntax, 'FROM scratch AS made', 'COPY made /', `FROM ${base}`];
  let trailing: number[] = [];
  for (const [index, step] of steps.entries()) {
    const isCopy = /^(copy|add) /.test(step);
    lines.push(...isCopy ? [copyOf(step, index, context)] : otherStep(step, lines));
    if (isCopy) trailing.push(lines.length);
    if (/^(run|user)\b/.test(step)) trailing = [];
  }
  return { project, dockerfile: lines.join('\n'), context: [...context, 'made/nothing'], trailing };
}

function copyOf(step: string, index: number, context: string[]): string {
  const [, instruction, kind, destination, owner, mode, from] = /^(copy|add) (\w+) -> (\S+)(?: by (\S+))?(?: mode (\S+))?(?: from (\w+))?$/.exec(step) ?? [];
  if (!instruction) throw new Error(`not a copy: ${step}`);
  const sources = () => {
    if (kind === 'url') return 'https://downloads.example.test/agent.jar';
    if (kind === 'sticky') return '--from=debian:bookworm-slim /tmp';
    if (from === 'image') return fromImages[kind];
    const own = `${index}`;
    context.push(...kinds[kind].map(file => `${from === 'stage' ? 'made/' : ''}${own}/${file.replace('#', own)}`));
    const paths = (names[kind] ?? ['dir']).map(name => `${from === 'stage' ? '/' : ''}${own}/${name.replace('#', own)}`);
    return [...from === 'stage' ? ['--from=made'] : [], ...paths].join(' ');
  };
  return [instruction.toUpperCase(), ...owner ? [`--chown=${owner}`] : [], ...mode ? [`--chmod=${mode}`] : [], sources(), destination].join(' ');
}

function otherStep(step: string, lines: string[]): string[] {
  const [word, ...rest] = step.split(' ');
  const text = rest.join(' ');
  switch (word) {
    case 'in': return [`WORKDIR ${text}`];
    case 'as': return [`USER ${text}`];
    case 'run': return [`RUN ${text || `echo ${lines.length} > /etc/step-${lines.length}`}`];
    case 'user': return [`RUN ${makeUser(text)}`];
    case 'stage': {
      const from = lines.findIndex(line => /^FROM (?!scratch AS made)/.test(line));
      lines[from] += ' AS parent';
      return ['FROM parent'];
    }
    case 'env': case 'arg': case 'volume': return [`${word.toUpperCase()} ${text}`];
    default: throw new Error(`not a step: ${step}`);
  }
}

function makeUser(text: string): string {
  const [, name, group = name, uid, gid = uid, home] = /^(\w+)(?::(\w+))?=(\d+)(?::(\d+))?(?: home (\S+))?$/.exec(text)!;
  const files = `echo '${name}:x:${uid}:${gid}::${home ?? '/nonexistent'}:/bin/sh' >> /etc/passwd && echo '${group}:x:${gid}:' >> /etc/group`;
  return home ? `${files} && mkdir -p -m 2755 ${home} && chown ${uid}:${gid} ${home}` : files;
}
