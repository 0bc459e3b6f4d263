import { Random } from './random';

/** What is built at one time. */
export interface RandomState {
  readonly dockerfile: string;
  /** As `writeContext` takes it. */
  readonly context: readonly string[];
}

// Few names, so that what is copied meets what is there.
const names = ['a', 'b', 'c'];
const directories = ['/app', '/app/a', '/app/b', '/app/a/b', '/data', '/data/a', '/srv/c', '/tmp/a', '/home/node'];
const destinations = [...directories, '/', '/bin', '/new/deep', '/app/c/new', '/var/run/c', '/var/local', '$D', '.', './a', '../b', '/new/x', '/new', '/new/x/a', '/app', '/data', '/srv', '/opt/a'];

const bases = [
  'debian:bookworm-slim', 'debian:bookworm-slim', 'alpine:3.20', 'node:20-alpine', 'node:20-slim', 'php:8.3-apache', 'quay.io/jupyter/base-notebook:python-3.12', 'public.ecr.aws/lambda/python:3.12',
  'ghcr.io/acme/base:1',
];
const steps = ['USER 1000', 'USER root', 'WORKDIR /app', 'WORKDIR /data/a', 'WORKDIR b', 'ENV D=/app/a', 'ARG D=/srv/c', 'VOLUME /data'];
const sources = ['.', 'a', 'b', 'c', 'a/', 'b/a', '[ab]', '--from=build /out', '--from=build /out/a', '--from=build /out/b'];
const owners = ['', '', '', '', '', '', '', '--chown=1000:1000 ', '--chown=1000:1000 ', '--chown=5 ', '--chown=5 ', '--chown=root ', '--chown=0:100 ', '--chmod=750 '];

/** A Dockerfile with a context for three builds in a row, the same for the same seed. In one of them, the commands are others too. Not each can be built. */
export function randomStates(seed: number): RandomState[] {
  const random = new Random(seed);
  const build = `RUN mkdir -p /out/a /out/b && ${randomTree(random, '/out', 1 + random.below(5)).join(' && ')}`;
  const base = random.pick(bases);
  const trees = [0, 1].map(() => random.times(2, () => `RUN ${['true', ...randomTree(random, random.pick(directories), 1 + random.below(4))].join('; ')}`));
  const before = random.times(random.below(3), () => random.pick(steps));
  const copies = [...random.times(1 + random.below(4), () => (random.below(5) === 0 ? random.pick(steps) : randomCopy(random))), randomCopy(random)];
  const other = random.below(4);
  return [0, 1, 2].map(index => ({
    dockerfile: ['FROM debian:bookworm-slim AS build', build, 'COPY a/always /out/a/', `FROM ${base}`, 'USER root', ...trees[index === other ? 1 : 0], ...before, ...copies].join('\n'),
    context: randomContext(random),
  }));
}

function randomCopy(random: Random): string {
  return `COPY ${random.pick(owners)}${random.pick(sources)} ${random.pick(destinations)}${random.pick(['', '/', '/'])}`;
}

/** Commands that make directories, files and links, give them owners and modes, and may fail. */
function randomTree(random: Random, root: string, count: number): string[] {
  const place = () => `${root}/${random.times(1 + random.below(2), () => random.pick(names)).join('/')}`;
  return [`mkdir -p ${root}`, ...random.times(count, () => {
    const path = place();
    const parent = path.replace(/\/[^/]+$/, '');
    switch (random.below(6)) {
      case 0: return `{ mkdir -p ${parent} && ln -s ${random.pick([...names, `../${random.pick(names)}`, ...directories, '/missing'])} ${path} || true; }`;
      case 1: return `{ mkdir -p ${parent} && echo ${path} > ${path} || true; }`;
      case 2: return `{ mkdir -p ${path} && chmod ${random.pick(['700', '1777', '711', '1770', '700', '2775'])} ${path} || true; }`;
      case 3: return `{ mkdir -p ${path} && chown ${random.pick(['1000:1000', '5', '0:100'])} ${path} || true; }`;
      default: return `{ mkdir -p ${path} || true; }`;
    }
  })];
}

/** In it, a and b are directories, and c is a file or a link to one of them. */
function randomContext(random: Random): string[] {
  const inner = (directory: string) => names.flatMap(name => {
    const path = `${directory}/${name}`;
    switch (random.below(6)) {
      case 0: return [`${path} -> ${random.pick([...names, ...directories])}`];
      case 1: return [`${path}/${random.pick(names)}`, `${path}/x*`];
      case 2: return [`${path}/${random.pick(names)}/${random.pick(names)}`];
      case 3: return [];
      default: return [`${path}${random.pick(['', '*'])}`];
    }
  });
  return [...inner('a'), 'a/always', ...inner('b'), 'b/a/always', random.pick(['c', 'c*', 'c -> a', 'c -> a/always'])].filter((text, index, all) => {
    const path = text.split(' -> ')[0].replace(/\*$/, '');
    // no file or link has anything below it
    return !all.some((other, at) => at !== index && other.startsWith(`${path}/`));
  });
}
