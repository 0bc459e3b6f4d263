// Pieces that are each of their own a reason to link a copy or to leave it, so that all combinations are worth a try.

const bases = [
  'python:3.12-slim', 'node:20', 'public.ecr.aws/lambda/python:3.12', 'nginx:alpine', 'golang:1.23', 'mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled',
  'debian:bookworm-slim', 'build',
];

const steps = [
  'WORKDIR /app', 'WORKDIR /data/x', 'WORKDIR relative', 'USER 1000', 'USER root', 'ENV D=/app/e', 'ARG D=/opt/d', 'RUN mkdir -p /app/src',
  'RUN mkdir -m 700 /data', 'RUN ln -s /opt /l', 'RUN mkdir -p /data && ln -s /srv /data/l', 'RUN chown 1000 /srv', 'RUN npm ci', 'RUN pip install -t /app x',
  'RUN useradd somebody', 'RUN chmod 777 .', 'RUN cd /srv && mkdir -p z/src', 'RUN touch app', 'RUN mkdir -p x/src && chown -R 1000 x', 'RUN rm -rf /app',
  'RUN mkdir -p /var/task && ln -s /srv /var/task/t', 'RUN if true; then mkdir -p /opt/a && chmod 700 /opt/a; fi', 'RUN install -d -m 750 /srv/q',
  'COPY src /app/src', 'COPY link /app/l', 'COPY src ./', 'COPY --chown=7 src x', 'COPY --chmod=700 src /data/y/', 'COPY --from=build /out /app/',
];

const flags = ['', '', '', '', '--chown=1000:1000', '--chown=1000', '--chown=0:0', '--chmod=700', '--exclude=*.txt'];

const sources = [
  'app.py', 'app.py other.py', '*.py', 'src', 'src/', '.', 'link', '--from=build /out', '--from=build /out/file.txt', '--from=build /out/inner',
  '--from=build /app', '--from=build /link', '<<EOF',
];

const destinations = [
  '/', '.', './', 'x', 'x/', 'src', 'app.py', '$D', '$D/', '/app', '/app/', '/app/src', '/app/src/lib', '/app/l/', '/app/app.py', '/app/inner', '/bin/',
  '/data/l', '/data/l/', '/data/x/', '/etc/', '/etc/nginx/conf.d/', '/home/node/', '/l/', '/new/deep/', '/new', '/opt/', '/opt/a/', '/opt/a/b', '/root/', '/srv/',
  '/srv/q/', '/srv/z', '/tmp/', '/usr/local/bin/', '/usr/local/bin/x', '/usr/src/app/', '/var/lib/a/', '/var/task', '/var/task/', '/var/task/t/',
];

/** What the sources name. A path with an arrow is a link. */
export const randomContext = ['app.py', 'other.py', 'src/a.py', 'src/c.txt', 'src/lib/b.py', 'link -> src'];

/** A Dockerfile of some steps and some copies, the same for the same seed. Not each of them can be built. */
export function randomDockerfile(seed: number): string {
  let state = seed * 2654435761 % 2 ** 32;
  const below = (limit: number) => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return Math.floor(state / 2 ** 32 * limit);
  };
  const pick = (items: readonly string[]) => items[below(items.length)];
  const copy = () => {
    const source = pick(sources);
    return `COPY ${pick(flags)} ${source} ${pick(destinations)}${source === '<<EOF' ? '\ntext\nEOF' : ''}`;
  };
  return [
    'FROM debian:bookworm-slim AS build',
    'WORKDIR /app',
    'RUN mkdir -p /out/inner /out/src && echo file > /out/file.txt && ln -s /out /link && chmod 700 /out/inner && chown 5 /out/src && chmod 777 /out',
    `FROM ${pick(bases)}`,
    ...Array.from({ length: below(4) }, () => pick(steps)),
    ...Array.from({ length: 1 + below(3) }, copy),
  ].join('\n');
}
