import { entries } from './entry';

/** Directories that belong to somebody, or have another mode than 755. */
export const ownersAndModes = entries('app', {
  'the home directory of the user, with --chown': {
    dockerfile: `
      FROM node:20-slim
      USER node
      WORKDIR /home/node/app
      COPY --chown=node:node . .`,
    copies: 'linked: 1 (line 4)',
    isTricky: true,
  },
  'the home directory of the user, without --chown': {
    dockerfile: `
      FROM node:20-slim
      USER node
      WORKDIR /home/node/app
      COPY src ./src/
      COPY app.py ./new/deep/`,
    copies: 'linked: 2 (lines 4, 5)',
    isTricky: true,
  },
  'a home directory with setgid': {
    dockerfile: `
      FROM node:20-alpine
      WORKDIR /home/node
      COPY src ./src/
      COPY app.py ./new/deep/app.py`,
    copies: 'as written: /home/node gives its group to the directories that are made in it (COPY in line 3)',
    isTricky: true,
  },
  'sticky /tmp': {
    dockerfile: `
      FROM python:3.12-slim
      COPY app.py /tmp/app.py
      COPY src /tmp/src/
      COPY --chown=5:5 conf /tmp/new/deep/`,
    copies: 'linked: 3 (lines 2, 3, 4)',
    isTricky: true,
  },
  'setgid and another group': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY src /var/local/src/
      COPY app.py /var/local/new/deep/`,
    copies: 'as written: /var/local gives its group to the directories that are made in it (COPY in line 2)',
    isTricky: true,
  },
  'setgid and another group, where no directory is made': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY app.py other.py /var/local/
      COPY --chown=5 app.py /var/mail/`,
    copies: 'linked: 2 (lines 2, 3)',
  },
  'sticky and of www-data, with --chown by name': {
    dockerfile: `
      FROM php:8.3-apache
      COPY --chown=www-data:www-data public .`,
    copies: 'linked: 1 (line 2)',
    isTricky: true,
  },
  'sticky and of www-data, without --chown': {
    dockerfile: `
      FROM php:8.3-apache
      COPY public /var/www/html/
      COPY conf/app.ini /usr/local/etc/php/conf.d/`,
    copies: 'linked: 2 (lines 2, 3)',
    isTricky: true,
  },
  'sticky gems': {
    dockerfile: `
      FROM ruby:3.3-slim
      COPY src /usr/local/bundle/gems/app/
      COPY app.py .env ./`,
    copies: 'linked: 2 (lines 2, 3)',
    isTricky: true,
  },
  'sticky GOPATH': {
    dockerfile: `
      FROM golang:1.23
      COPY . src/app/`,
    copies: 'linked: 1 (line 2)',
    isTricky: true,
  },
  'sticky directories beside plain ones': {
    dockerfile: `
      FROM tomcat:10.1
      COPY app.py webapps/app.war
      COPY conf/ conf/
      COPY src temp/src/`,
    copies: 'linked: 3 (lines 2, 3, 4)',
    isTricky: true,
  },
  'a volume in a home directory that anybody may write to': {
    dockerfile: `
      FROM gradle:8-jdk21
      COPY --chown=gradle:gradle . project
      COPY conf .gradle/`,
    copies: 'linked: 2 (lines 2, 3)',
    isTricky: true,
  },
  'of a user and the group root': {
    dockerfile: `
      FROM nginxinc/nginx-unprivileged:alpine
      COPY conf/app.ini /etc/nginx/conf.d/default.conf
      COPY public /usr/share/nginx/html`,
    copies: ['linked: 2 (lines 2, 3)', 'fails'],
    isTricky: true,
  },
  'an existing WORKDIR of www-data': {
    dockerfile: `
      FROM httpd:2.4
      COPY public/ ./htdocs/
      COPY conf/app.ini conf/httpd.conf
      COPY app.py new/`,
    copies: ['linked: 3 (lines 2, 3, 4)', 'fails'],
    isTricky: true,
  },
  'sticky directories of a database': {
    dockerfile: `
      FROM postgres:16
      COPY conf /docker-entrypoint-initdb.d
      COPY --chown=postgres conf /var/lib/postgresql/conf/
      COPY conf /var/run/postgresql/`,
    copies: 'linked: 3 (lines 2, 3, 4)',
    isTricky: true,
  },
  'setgid for all, as user': {
    dockerfile: `
      FROM quay.io/jupyter/base-notebook:python-3.12
      COPY --chown=1000:100 src work/
      COPY conf work/conf/
      COPY app.py work/new/deep/`,
    copies: 'as written: /home/jovyan/work gives its group to the directories that are made in it (COPY in line 3)',
    isTricky: true,
  },
  'a group that may write': {
    dockerfile: `
      FROM apache/airflow:2.10
      COPY --chown=airflow:root src dags
      COPY conf /opt/airflow/config/`,
    copies: 'linked: 2 (lines 2, 3)',
    isTricky: true,
  },
  'a user whose number is not in the image': {
    dockerfile: `
      FROM quay.io/sclorg/nodejs-20:c9s
      COPY . .
      USER 4711
      WORKDIR new
      COPY --chown=4711 app.py ./`,
    copies: 'linked: 1 (line 5); not those before them: the WORKDIR in line 4 comes after copies and needs all layers below it',
    isTricky: true,
  },
  'below the home directory of chiseled .NET': {
    dockerfile: `
      FROM mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled
      WORKDIR /home/app/site
      COPY public .
      COPY --chown=app:app conf ./conf/
      COPY --chown=$APP_UID:$APP_UID app.py ./`,
    copies: 'as written: the owner of what the COPY in line 5 copies is a variable that the base image sets, too',
    isTricky: true,
  },
  'the home directory of distroless': {
    dockerfile: `
      FROM gcr.io/distroless/static-debian12:nonroot
      COPY app.py .
      COPY --chown=nonroot:nonroot src src/`,
    copies: 'linked: 2 (lines 2, 3)',
    isTricky: true,
  },
  'what only root may write to': {
    dockerfile: `
      FROM public.ecr.aws/lambda/python:3.12
      COPY run.sh /usr/bin/run
      COPY conf /root/.config/app/
      COPY app.py \${LAMBDA_TASK_ROOT}`,
    copies: 'linked: 3 (lines 2, 3, 4)',
    isTricky: true,
  },
  'a WORKDIR of a user': {
    dockerfile: `
      FROM debian:bookworm-slim
      USER 1000:1000
      WORKDIR /srv/app
      COPY src ./src
      COPY app.py new/`,
    copies: 'linked: 2 (lines 4, 5)',
    isTricky: true,
  },
  'all kinds of directories made by RUN': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -m 750 /a && mkdir -m 1777 /b && mkdir -m 700 /c && mkdir -p /d/src/lib && chown -R 3:4 /a /d && chmod 711 /d/src && mkdir -m 1770 /b/src
      COPY src /a/src/
      COPY src /b/src/
      COPY app.py /c/
      COPY src /d/src/
      COPY app.py /a/new/deep/app.py`,
    copies: 'linked: 5 (lines 3, 4, 5, 6, 7)',
    isTricky: true,
  },
  '--chown in all its forms': {
    dockerfile: `
      FROM node:20-slim
      COPY --chown=7:8 src /a/deep/src/
      COPY --chown=node src /b/
      COPY --chown=1000 app.py /c/
      COPY --chown=node:0 conf/ /d
      COPY --chown=0:node app.py /e
      COPY --chown=node:staff app.py /f/`,
    copies: 'linked: 6 (lines 2, 3, 4, 5, 6, 7)',
    isTricky: true,
  },
  '--chmod in all its forms': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p -m 711 /etc/app /opt/app/src /opt/new/deep
      COPY --chmod=755 app.py /usr/local/bin/app
      COPY --chmod=0640 conf /etc/app/
      COPY --chmod=700 --chown=5:6 src /opt/app/src
      COPY --chmod=4755 run.sh app.py /opt/new/deep/`,
    copies: 'linked: 4 (lines 3, 4, 5, 6)',
  },
  '--chmod of a tree that holds links': {
    context: 'links',
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p -m 711 /app/real
      COPY --chmod=750 tree /app/
      COPY --chmod=600 file /tmp/`,
    copies: ['linked: 2 (lines 3, 4)', 'fails'],
  },
  '--chmod of a directory that is new': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY --chmod=755 run.sh /opt/app/`,
    copies: 'as written: whether /opt/app gets the mode of --chmod differs from BuildKit to BuildKit (COPY in line 2)',
  },
  'a mode in letters': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY --chmod=u=rwX,go=rX src /opt/new/deep/`,
    copies: 'as written: the COPY in line 2 has a mode that only BuildKit can work out, --chmod=u=rwX,go=rX',
  },
  '--chmod of some copies, and not of others': {
    dockerfile: `
      FROM python:3.12-slim
      WORKDIR /app
      COPY src src/
      COPY --chmod=755 run.sh /entrypoint.sh
      COPY app.py .`,
    copies: 'linked: 3 (lines 3, 4, 5)',
  },
  'numbers that need more room than an archive has for them': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p /app/src && chown -R 3000000:4000000 /app
      COPY src /app/src/
      COPY --chown=5000000:6000000 conf /srv/conf/
      COPY --chown=7000000 --chmod=640 app.py /app/`,
    copies: 'linked: 3 (lines 3, 4, 5)',
  },
  'a directory without any mode': {
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -m 000 /app
      COPY src /app/src/`,
    copies: 'as written: the links could not be proven: /app has no mode at all',
  },
  'a user that RUN made': {
    dockerfile: `
      FROM python:3.12-slim
      RUN useradd --create-home app
      WORKDIR /home/app
      COPY --chown=app:app src src
      USER app
      COPY --chown=app app.py .`,
    copies: 'linked: 2 (lines 4, 6)',
    isTricky: true,
  },
  'a user that nobody made': {
    dockerfile: `
      FROM python:3.12-slim
      COPY --chown=missing:missing src /app/`,
    copies: 'as written: the owner missing:missing of the COPY in line 2 is nobody that the layers below know',
    isTricky: true,
  },
  'a user that an earlier copy makes': {
    context: 'users',
    dockerfile: `
      FROM python:3.12-slim
      COPY passwd group /etc/
      COPY --chown=app:app src /app/`,
    copies: 'as written: the owner app:app of the COPY in line 3 is nobody that the layers below know',
    isTricky: true,
  },
  'an earlier copy that gives a user another number': {
    context: 'users',
    dockerfile: `
      FROM node:20-slim
      COPY passwd /etc/passwd
      COPY --chown=node src /app/`,
    copies: 'as written: the owner of the COPY in line 3 may be one that an earlier copy brings',
    isTricky: true,
  },
});
