import { entries } from './entry';

/** Links in the image or in what is copied: above, at and below the destination. */
export const links = entries('app', {
  'above the destination, of the base image': {
    dockerfile: `
      FROM python:3.12-slim
      COPY conf /var/run/app/`,
    copies: 'linked: 1 (line 2)',
    isTricky: true,
  },
  'above the destination, of a RUN': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /opt/releases/1 && ln -s releases/1 /opt/current
      COPY src /opt/current/src/`,
    copies: 'linked: 1 (line 3)',
    isTricky: true,
  },
  'above the destination, in a team\'s base image': {
    dockerfile: `
      FROM ghcr.io/acme/base:1
      COPY src /app/current/`,
    copies: 'linked: 1 (line 2)',
    isTricky: true,
  },
  'at the destination, to a directory': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /opt/releases/1 && ln -s /opt/releases/1 /app
      COPY src /app`,
    copies: 'linked: 1 (line 3)',
    isTricky: true,
  },
  'at the destination, to a directory, with a slash': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p -m 700 /opt/releases/1 && ln -s ../opt/releases/1 /srv/app
      COPY app.py other.py /srv/app/`,
    copies: 'linked: 1 (line 3)',
    isTricky: true,
  },
  'at the destination, to a file': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN echo real > /etc/real.ini && ln -s real.ini /etc/app.ini
      COPY conf/app.ini /etc/app.ini`,
    copies: 'linked: 1 (line 3)',
    isTricky: true,
  },
  'at the destination, to nothing': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY conf/app.ini /etc/localtime`,
    copies: 'linked: 1 (line 2)',
    isTricky: true,
  },
  'below the destination, to a directory, where a directory comes': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app /opt/lib && ln -s /opt/lib /app/lib
      COPY src /app/`,
    copies: ['fails', 'linked: 1 (line 3)'],
  },
  'below the destination, to a file, where a file comes': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir /app && echo real > /app/real && ln -s real /app/a.py
      COPY src /app/`,
    copies: ['linked: 1 (line 3)', 'fails'],
  },
  'below the destination, where nothing comes': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir /app && ln -s /opt /app/elsewhere && ln -s nothing /app/dangling
      COPY src /app/`,
    copies: 'linked: 1 (line 3)',
  },
  'a chain of them': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /data/disk/app && ln -s disk /data/current && ln -s /data/current/app /app && ln -s ../app /srv/app
      COPY src /srv/app/src`,
    copies: 'linked: 1 (line 3)',
    isTricky: true,
  },
  'one that leads nowhere, above': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN ln -s /missing /app
      COPY src /app/src/`,
    copies: 'linked: 1 (line 3)',
    isTricky: true,
  },
  'one that leads to itself': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN ln -s loop /loop
      COPY src /loop/src/`,
    copies: 'fails',
  },
  '/bin and /sbin of a system with one /usr': {
    dockerfile: `
      FROM ubuntu:24.04
      COPY run.sh /bin/run
      COPY run.sh /sbin/
      COPY src /lib/app/`,
    copies: 'linked: 3 (lines 2, 3, 4)',
    isTricky: true,
  },
  '/bin and /lib of a system without one': {
    dockerfile: `
      FROM alpine:3.20
      COPY run.sh /bin/run
      COPY src /lib/app/
      COPY run.sh /sbin/`,
    copies: 'linked: 3 (lines 2, 3, 4)',
  },
  'mail and temporary files of Amazon Linux': {
    dockerfile: `
      FROM amazonlinux:2023
      COPY app.py /var/mail/
      COPY app.py /usr/tmp/`,
    copies: 'linked: 2 (lines 2, 3)',
    isTricky: true,
  },
  'a system file that is one': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY conf/app.ini /etc/os-release`,
    copies: 'linked: 1 (line 2)',
    isTricky: true,
  },
  'configuration that is switched on by one': {
    dockerfile: `
      FROM php:8.3-apache
      COPY conf/app.ini /etc/apache2/mods-enabled/mime.conf
      COPY conf/extra.ini /etc/apache2/mods-available/`,
    copies: 'linked: 2 (lines 2, 3)',
    isTricky: true,
  },
  'the logs of nginx': {
    dockerfile: `
      FROM nginx:alpine
      COPY app.py /var/log/nginx/
      COPY conf /etc/nginx/modules/`,
    copies: 'linked: 2 (lines 2, 3)',
    isTricky: true,
  },
  'the home directory of root': {
    dockerfile: `
      FROM gradle:8-jdk21
      COPY conf /root/.gradle/`,
    copies: 'linked: 1 (line 2)',
    isTricky: true,
  },
  'WORKDIR through one': {
    dockerfile: `
      FROM debian:bookworm-slim
      WORKDIR /var/run/app
      COPY . .`,
    copies: 'linked: 1 (line 3)',
    isTricky: true,
  },
  'lib64 of a virtual environment that RUN made': {
    context: 'venv',
    dockerfile: `
      FROM python:3.12-slim
      WORKDIR /app
      RUN poetry install
      COPY lib64 .venv/lib64/`,
    copies: 'linked: 1 (line 4)',
    isTricky: true,
  },
  'a virtual environment over another one': {
    context: 'venv',
    dockerfile: `
      FROM python:3.12-slim
      WORKDIR /app
      RUN poetry install
      COPY venv .venv
      COPY main.py .`,
    copies: ['linked: 2 (lines 4, 5)', 'fails'],
  },
  'a virtual environment where there is none': {
    context: 'venv',
    dockerfile: `
      FROM python:3.12-slim AS build
      COPY venv /opt/venv
      FROM python:3.12-slim
      COPY --from=build /opt/venv /opt/venv
      COPY main.py /app/`,
    copies: 'linked: 2 (lines 4, 5)',
  },
  'lib64 over a virtual environment of an earlier copy': {
    context: 'venv',
    dockerfile: `
      FROM python:3.12-slim
      COPY venv /opt/venv
      COPY lib64 /opt/venv/lib64/`,
    copies: 'linked: 2 (lines 2, 3)',
    isTricky: true,
  },
  'a tree that holds some, to a new place': {
    context: 'links',
    dockerfile: `
      FROM debian:bookworm-slim
      COPY tree /app
      COPY other /app/current-other/`,
    copies: 'linked: 2 (lines 2, 3)',
  },
  'a source that is one': {
    context: 'links',
    dockerfile: `
      FROM debian:bookworm-slim
      COPY file /app/
      COPY directory /app/directory
      COPY tree/current /app/current/
      COPY tree/to-file /app/`,
    copies: ['linked: 4 (lines 2, 3, 4, 5)', 'fails'],
  },
  'one over a directory of the image': {
    context: 'links',
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app/current
      COPY tree /app/`,
    copies: 'fails',
  },
  'one over a file of the image': {
    context: 'links',
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app && touch /app/current /app/to-file
      COPY tree /app/`,
    copies: 'linked: 1 (line 3)',
  },
  'one over one of the image': {
    context: 'links',
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app/real && ln -s real /app/current && ln -s /srv /app/absolute
      COPY tree /app/`,
    copies: ['linked: 1 (line 3)', 'fails'],
  },
  'a file and a directory over some of the image': {
    context: 'links',
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app && ln -s /srv /app/real && ln -s /etc/hostname /app/file
      COPY tree /app/`,
    copies: 'fails',
  },
  'an earlier copy brings one that a later one goes through': {
    context: 'links',
    dockerfile: `
      FROM debian:bookworm-slim
      COPY tree /app/
      COPY other /app/current/
      COPY other /app/absolute/`,
    copies: 'linked: 3 (lines 2, 3, 4)',
    isTricky: true,
  },
  'modules of Node.js': {
    dockerfile: `
      FROM node:20 AS build
      WORKDIR /app
      RUN npm ci
      FROM node:20-slim
      WORKDIR /app
      COPY --from=build /app/node_modules ./node_modules
      COPY src ./src
      USER node`,
    copies: 'linked: 2 (lines 6, 7)',
  },
  'the file of the users is one': {
    context: 'users',
    dockerfile: `
      FROM node:20-slim
      RUN mv /etc/passwd /usr/lib/passwd && ln -s ../usr/lib/passwd /etc/passwd
      COPY --chown=node src /before/
      COPY passwd /usr/lib/passwd
      COPY --chown=node src /after/`,
    copies: 'as written: every way to write its destinations met another obstacle',
  },
  'one before two dots': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /opt/deep/er && ln -s /opt/deep/er /l
      COPY app.py /l/../x/
      COPY src /l/../l/src`,
    copies: 'linked: 2 (lines 3, 4)',
  },
  'the same copy twice, through one and not': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /a /c && ln -s /a /b
      WORKDIR /b
      COPY app.py .
      WORKDIR /c
      COPY app.py .`,
    copies: 'as written: every way to write its destinations met another obstacle',
  },
  'through one in the stage that is copied from': {
    dockerfile: `
      FROM debian:bookworm-slim AS build
      COPY src /out/1
      RUN ln -s 1 /out/current && ln -s current/lib /out/lib
      FROM debian:bookworm-slim
      COPY --from=build /out/current /app
      COPY --from=build /out/lib/ /app/other/
      COPY --from=build /out /everything/`,
    copies: 'linked: 3 (lines 5, 6, 7)',
  },
});
