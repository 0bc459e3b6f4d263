import { entries } from './entry';

/** Copies from other stages and images, and stages that build on each other. */
export const stages = entries('app', {
  'a whole stage': {
    dockerfile: `
      FROM debian:bookworm-slim AS build
      COPY src /app
      FROM python:3.12-slim
      COPY --from=build / /`,
    copies: 'linked: 1 (line 4)',
  },
  'a whole stage of another system': {
    dockerfile: `
      FROM alpine:3.20 AS build
      COPY src /app
      FROM debian:bookworm-slim
      COPY --from=build / /`,
    copies: 'fails',
  },
  'another image': {
    dockerfile: `
      FROM python:3.12-slim
      COPY --from=ghcr.io/astral-sh/uv:0.8 /uv /uvx /usr/local/bin/
      COPY --from=acme/tools:1 / /
      COPY src /app/`,
    copies: 'linked: 3 (lines 2, 3, 4)',
  },
  'another image, over directories that belong to somebody': {
    dockerfile: `
      FROM php:8.3-apache
      RUN chown www-data /usr/local /usr/share && chmod 2775 /usr/share
      COPY --from=acme/tools:1 / /`,
    copies: 'linked: 1 (line 3)',
  },
  'a stage by its number': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY src /out
      RUN chmod -R 700 /out && chown -R 5:6 /out/lib
      FROM debian:bookworm-slim
      COPY --from=0 /out /app/
      COPY --from=0 --chown=7 /out/lib /lib-of-seven`,
    copies: 'linked: 2 (lines 5, 6)',
  },
  'nothing below': {
    dockerfile: `
      FROM debian:bookworm-slim AS build
      COPY src /out/bin
      FROM scratch
      COPY --from=build /tmp /tmp
      COPY --from=build /etc/passwd /etc/passwd
      COPY --from=build /out/bin/a.py /a
      COPY public /srv/public/
      USER 1000`,
    copies: 'linked: 4 (lines 4, 5, 6, 7)',
  },
  'nothing below, with a WORKDIR of a user': {
    dockerfile: `
      FROM scratch
      USER 1000:1000
      WORKDIR /home/app
      COPY src .
      ADD app.py /`,
    copies: 'linked: 2 (lines 4, 5)',
    isTricky: true,
  },
  'a stage that ends with copies': {
    dockerfile: `
      FROM node:20-slim AS base
      WORKDIR /app
      COPY src ./src
      FROM base
      ENV A=b
      COPY app.py ./
      USER node`,
    copies: 'linked: 1 (line 6)',
  },
  'a stage that ends with copies, and nothing else': {
    dockerfile: `
      FROM node:20-slim AS base
      RUN npm ci
      WORKDIR /app
      COPY . .
      FROM base AS production
      CMD ["node", "app.js"]`,
    copies: 'linked: 1 (line 4)',
  },
  'a stage that made links and users': {
    dockerfile: `
      FROM python:3.12-slim AS base
      RUN useradd --create-home app && ln -s /home/app /srv/app
      FROM base
      COPY --chown=app:app src /srv/app/
      COPY --chown=app:app conf /home/app/conf/`,
    copies: 'linked: 2 (lines 4, 5)',
    isTricky: true,
  },
  'what a source change changes in a stage only': {
    dockerfile: `
      FROM node:20 AS build
      WORKDIR /app
      COPY . .
      RUN npm run build
      FROM nginx:alpine
      COPY --from=build /app/dist /usr/share/nginx/html
      COPY conf/app.ini /etc/nginx/conf.d/default.conf`,
    copies: 'linked: 2 (lines 6, 7)',
  },
  'a stage in the middle': {
    target: 'wanted',
    dockerfile: `
      FROM node:20-slim AS base
      COPY app.py /app/
      FROM base AS wanted
      RUN mkdir -m 700 /app/src
      COPY src /app/src/
      FROM wanted
      COPY conf /app/`,
    copies: 'linked: 1 (line 5)',
  },
  'a large layer that stays': {
    dockerfile: `
      FROM debian:bookworm-slim AS build
      RUN mkdir -p /out/deep && seq 1 300000 | gzip > /out/deep/large && ln -s deep/large /out/link && chmod 700 /out/deep
      FROM debian:bookworm-slim
      RUN mkdir -m 711 /app
      COPY --from=build /out /app/
      COPY src /app/link-not/
      COPY conf /app/deep/`,
    copies: 'linked: 3 (lines 5, 6, 7)',
  },
  'an image that another builder made': {
    dockerfile: `
      FROM ghcr.io/acme/odd:1
      COPY src /app/data/
      COPY app.py /opt/dir/
      COPY --chown=5 src /srv/thing/
      COPY conf /srv/hard/
      COPY app.py /var/dir/new/
      COPY src /app/to-be-replaced/
      COPY app.py /app/to-be-removed/
      COPY run.sh /lib/
      COPY --chown=5:5 conf /long/new/`,
    copies: 'linked: 9 (lines 2, 3, 4, 5, 6, 7, 8, 9, 10)',
  },
  'an image with files behind a link': {
    dockerfile: `
      FROM ghcr.io/acme/odd:behind-a-link
      COPY run.sh /lib/`,
    copies: 'as written: what /lib is in the layers below differs from builder to builder (COPY in line 2)',
  },
  'an image without a history': {
    dockerfile: `
      FROM ghcr.io/acme/odd:without-history
      COPY src /app/data/`,
    copies: 'as written: the history of the image is not that of its Dockerfile',
  },
  'hard links': {
    dockerfile: `
      FROM debian:bookworm-slim AS build
      RUN mkdir -p /out/a /out/b && echo one > /out/a/one && ln /out/a/one /out/b/two && chmod 4755 /out/a/one
      FROM debian:bookworm-slim
      COPY --from=build /out /out
      COPY src /out/b/`,
    copies: 'linked: 2 (lines 4, 5)',
  },
  '--parents and --exclude': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p -m 750 /app/src
      COPY --parents src/lib/*.py conf /app/
      COPY --exclude=*.py --exclude=lib src /other/
      COPY --exclude=** . /empty/`,
    copies: 'as written: the owner and the mode of /app/src depend on the layers below (COPY in line 3)',
  },
  'a volume at the destination': {
    dockerfile: `
      FROM debian:bookworm-slim
      VOLUME /data /app
      COPY src /data/
      COPY app.py /app/new/`,
    copies: 'linked: 2 (lines 3, 4)',
  },
  'package managers': {
    dockerfile: `
      FROM python:3.12-slim
      WORKDIR /app
      RUN apt-get install curl && pip install requests && npm ci
      COPY conf /usr/share/doc/package/
      COPY src /usr/local/lib/python3.12/site-packages/requests/
      COPY src node_modules/left-pad/`,
    copies: ['linked: 3 (lines 4, 5, 6)', 'fails'],
  },
  'ONBUILD of a parent stage': {
    dockerfile: `
      FROM python:3.12-slim AS parent
      WORKDIR /app
      ONBUILD COPY requirements.txt /app/
      ONBUILD COPY src /app/src
      FROM parent
      COPY conf ./conf/`,
    copies: 'linked: 1 (line 6)',
  },
});
