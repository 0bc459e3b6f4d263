import { entries } from './entry';

/** All the ways to say where something goes. */
export const destinations = entries('app', {
  'the root': {
    dockerfile: `
      FROM alpine:3.20
      COPY app.py /
      COPY conf/app.ini other.py /
      COPY src /`,
    copies: ['linked: 3 (lines 2, 3, 4)', 'fails'],
  },
  'the root, for a system of files': {
    context: 'root',
    dockerfile: `
      FROM alpine:3.20
      COPY rootfs/ /`,
    copies: ['linked: 1 (line 2)', 'fails'],
  },
  'the root, for files below links of the image': {
    context: 'root',
    dockerfile: `
      FROM debian:bookworm-slim
      COPY rootfs /
      COPY bin-and-lib /`,
    copies: 'fails',
  },
  'the root, for everything': {
    dockerfile: `
      FROM ubuntu:24.04
      COPY . /`,
    copies: 'linked: 1 (line 2)',
  },
  'a dot, without a WORKDIR': {
    dockerfile: `
      FROM alpine:3.20
      COPY src .
      COPY app.py ./`,
    copies: ['linked: 2 (lines 2, 3)', 'fails'],
  },
  'a dot, in a WORKDIR that is new': {
    dockerfile: `
      FROM debian:bookworm-slim
      WORKDIR /new/deep
      COPY . .`,
    copies: 'linked: 1 (line 3)',
  },
  'a dot, in a relative WORKDIR': {
    dockerfile: `
      FROM public.ecr.aws/lambda/python:3.12
      WORKDIR app
      WORKDIR deeper
      COPY src .
      COPY app.py ..`,
    copies: 'linked: 2 (lines 4, 5)',
    isTricky: true,
  },
  'without a slash, where there is nothing': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY app.py /app
      COPY src /source
      COPY other.py /new/deep/file`,
    copies: 'linked: 3 (lines 2, 3, 4)',
  },
  'without a slash, where there is a directory': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app/src
      COPY app.py /app
      COPY src /app
      COPY run.sh /usr/local/bin`,
    copies: 'linked: 3 (lines 3, 4, 5)',
    isTricky: true,
  },
  'without a slash, where an earlier copy makes a directory': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY src /app
      COPY app.py /app
      COPY other.py /app/lib`,
    copies: 'linked: 3 (lines 2, 3, 4)',
    isTricky: true,
  },
  'without a slash, in the WORKDIR of the base image': {
    dockerfile: `
      FROM httpd:2.4
      COPY public/index.html htdocs
      COPY app.py conf`,
    copies: 'linked: 2 (lines 2, 3)',
    isTricky: true,
  },
  'several sources': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY app.py other.py /app/
      COPY src public /both/
      COPY *.py *.txt /pattern/
      COPY src/*.py src/lib ./`,
    copies: 'linked: 4 (lines 2, 3, 4, 5)',
  },
  'variables': {
    dockerfile: `
      FROM debian:bookworm-slim
      ARG HOME_OF=/opt/app
      ENV APP=\${HOME_OF}/code EMPTY=
      COPY src $APP
      COPY app.py \${APP}/
      COPY other.py \${MISSING:-/srv}/\${EMPTY}other.py
      COPY conf "$HOME_OF/conf"`,
    copies: 'linked: 4 (lines 4, 5, 6, 7)',
  },
  'variables with values of the plan': {
    buildArgs: { PLACE: '/srv/of-the-plan', OWNER: '7:8' },
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p -m 700 /srv/of-the-plan
      ARG PLACE=/srv OWNER
      COPY src $PLACE/src
      COPY --chown=$OWNER app.py $PLACE`,
    copies: 'linked: 2 (lines 4, 5)',
  },
  'quotes and blanks': {
    context: 'odd',
    dockerfile: `
      FROM debian:bookworm-slim
      ENV DIR="/my app"
      WORKDIR "/my app"
      COPY ["with blanks", "./a b/"]
      COPY ["with blanks/a file", "src/a", "/my app/c d/"]
      COPY "src/a" "$DIR/e"
      COPY [ "ünïcode", "/ünïcode" ]`,
    copies: 'linked: 4 (lines 4, 5, 6, 7)',
  },
  'JSON without a slash': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY ["app.py", "/app"]
      COPY ["src", "public", "/srv/"]
      COPY --chown=5 ["conf", "/etc/app"]`,
    copies: 'linked: 3 (lines 2, 3, 4)',
    isTricky: true,
  },
  'dots and slashes': {
    dockerfile: `
      FROM debian:bookworm-slim
      WORKDIR /app
      COPY app.py ../srv/x/../app.py
      COPY src /opt/./app//src/.
      COPY app.py /opt/../../..//etc/app.py`,
    copies: 'linked: 3 (lines 3, 4, 5)',
  },
  'names that need care': {
    context: 'odd',
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -m 2775 /app
      COPY . /app/
      COPY long /app/again/`,
    copies: 'as written: /app gives its group to the directories that are made in it (COPY in line 4)',
    isTricky: true,
  },
  'a name that marks removed files': {
    context: 'odd',
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir /app && touch /app/hidden
      COPY src/ /app/`,
    copies: 'linked: 1 (line 3)',
  },
  'nothing': {
    context: 'odd',
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -m 700 /there
      COPY empty /app/
      COPY empty /there/`,
    copies: 'linked: 2 (lines 3, 4)',
    isTricky: true,
  },
  'WORKDIR of an existing directory after the copies': {
    dockerfile: `
      FROM node:20-slim
      RUN mkdir -m 750 /app
      COPY src /app/src
      WORKDIR /app
      COPY app.py ./
      WORKDIR /app/src`,
    copies: 'linked: 2 (lines 3, 5)',
    isTricky: true,
  },
  'WORKDIR in other ways after the copies': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p -m 700 /app/deep && ln -s /app /l
      COPY src /app/src
      WORKDIR /l/deep/
      COPY app.py ./new/
      WORKDIR /app//src/.
      COPY conf ../conf`,
    copies: 'linked: 3 (lines 3, 5, 7)',
  },
  'WORKDIR that is relative after the copies': {
    dockerfile: `
      FROM debian:bookworm-slim
      WORKDIR /app
      COPY src src
      WORKDIR src
      COPY app.py .`,
    copies: 'linked: 1 (line 5); not those before them: the WORKDIR in line 4 comes after copies and needs all layers below it',
  },
  'WORKDIR in quotes after the copies': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY src /app/src
      WORKDIR "/app/src"`,
    copies: 'as written: the WORKDIR in line 3 comes after copies and needs all layers below it',
  },
  'WORKDIR of a new directory after the copies': {
    dockerfile: `
      FROM node:20-slim
      COPY src /app/src
      WORKDIR /app/data
      COPY app.py ./
      USER node
      WORKDIR /app/more`,
    copies: 'as written: the WORKDIR in line 3 makes /app/data, which is not there yet',
  },
  'WORKDIR of a directory that the copy makes': {
    dockerfile: `
      FROM gcr.io/distroless/static-debian12:latest
      COPY src /app
      COPY --chown=5:5 conf /srv/app
      WORKDIR /app
      WORKDIR /srv/app
      USER 5`,
    copies: 'linked: 2 (lines 2, 3)',
  },
});
