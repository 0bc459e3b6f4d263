import { entries } from './entry';

/** A file where there is a directory, a directory where there is a file, and copies into earlier copies. */
export const conflicts = entries('app', {
  'a file over a directory': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app/a.py
      COPY src /app/`,
    copies: ['fails', 'linked: 1 (line 3)'],
  },
  'a file that goes into a directory of its name': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app/app.py
      COPY app.py /app/app.py
      COPY other.py /app/`,
    copies: 'linked: 2 (lines 3, 4)',
    isTricky: true,
  },
  'a directory over a file': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir /app && touch /app/lib
      COPY src /app/`,
    copies: ['fails', 'linked: 1 (line 3)'],
  },
  'a directory over a file, at the destination': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN touch /app
      COPY src /app/`,
    copies: 'fails',
  },
  'a directory over a file, after a source change only': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir /app && touch /app/a.py
      COPY src /app/`,
    copies: ['linked: 1 (line 3)', 'fails'],
  },
  'a link over a directory, after a source change only': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app/lib
      COPY src /app/`,
    copies: ['linked: 1 (line 3)', 'fails'],
  },
  'a directory in the place of a link, after a source change only': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app/added /srv/deep && ln -s /srv/deep /app/added/deep
      COPY src /app/`,
    copies: ['fails', 'linked: 1 (line 3)'],
  },
  'files over files': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app/lib && echo old > /app/a.py && echo old > /app/lib/d.py && chmod 4711 /app/a.py && chown 5:6 /app/lib/d.py
      COPY src /app/
      COPY --chown=7 app.py /app/lib/d.py`,
    copies: ['linked: 2 (lines 3, 4)', 'fails'],
    isTricky: true,
  },
  'copies into earlier copies': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY src /app
      COPY conf /app/lib/
      COPY --chown=5:6 public /app/lib/new/deep/
      COPY app.py /app/a.py`,
    copies: 'linked: 4 (lines 2, 3, 4, 5)',
    isTricky: true,
  },
  'a copy into one that belongs to somebody': {
    dockerfile: `
      FROM node:20-slim
      COPY --chown=1000:1000 src /app/
      COPY app.py /app/lib/
      COPY --chown=5:6 conf /app/
      COPY public /app/new/deep/`,
    copies: ['linked: 4 (lines 2, 3, 4, 5)', 'fails'],
    isTricky: true,
  },
  'a copy with another mode into an earlier one': {
    dockerfile: `
      FROM python:3.12-slim
      WORKDIR /app
      COPY --chmod=700 src private/
      COPY app.py private/
      COPY conf private/conf/`,
    copies: 'as written: whether /app/private gets the mode of --chmod differs from BuildKit to BuildKit (COPY in line 3)',
    isTricky: true,
  },
  'a directory over a file of an earlier copy': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY app.py /app/lib
      COPY src /app/`,
    copies: ['fails', 'linked: 2 (lines 2, 3)'],
  },
  'the same file twice': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY app.py /app/app.py
      COPY --chown=5 other.py /app/app.py
      COPY run.sh /app/app.py`,
    copies: 'linked: 3 (lines 2, 3, 4)',
  },
});
