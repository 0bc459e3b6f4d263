import { entries } from './entry';

const tab = '\t';

/** Other instructions and other ways to write them. */
export const instructions = entries('app', {
  'ADD of files': {
    dockerfile: `
      FROM debian:bookworm-slim
      ADD src conf /app/
      ADD app.py /app/app.py
      ADD public /srv`,
    copies: ['linked: 3 (lines 2, 3, 4)', 'fails'],
  },
  'an archive at the root': {
    context: 'archives',
    dockerfile: `
      FROM debian:bookworm-slim
      ADD rootfs.tar /
      COPY plain.txt /app/`,
    copies: 'as written: the owner and the mode of /etc depend on the layers below (ADD in line 2)',
  },
  'an archive with owners and links': {
    context: 'archives',
    dockerfile: `
      FROM debian:bookworm-slim
      RUN mkdir -p -m 2750 /opt/tool && chown 5:6 /opt/tool
      ADD links.tar /
      COPY conf /opt/tool/current/`,
    copies: 'as written: the owner and the mode of /opt depend on the layers below (ADD in line 3)',
    isTricky: true,
  },
  'an archive in a directory, one with an owner, and one that is copied': {
    context: 'archives',
    dockerfile: `
      FROM node:20-slim
      ADD app.tar.gz /srv/
      ADD --chown=node:node app.tar.gz /home/node/
      COPY app.tar.gz /archives/
      ADD conf plain.txt /etc/app/`,
    copies: 'as written: the owner and the mode of /home/node depend on the layers below (ADD in line 3)',
    isTricky: true,
  },
  'here-documents': {
    dockerfile: `
      FROM debian:bookworm-slim
      WORKDIR /app
      COPY <<EOF settings.ini
      [app]
      COPY = no instruction
      EOF
      COPY <<ONE <<TWO etc/
      1
      ONE
      2
      TWO
      COPY <<-"RAW" /usr/local/bin/raw
      ${tab}$not a variable
      ${tab}RAW
      COPY src src/`,
    copies: 'linked: 4 (lines 3, 7, 12, 15)',
    isTricky: true,
  },
  'a here-document with a mode': {
    dockerfile: `
      FROM debian:bookworm-slim
      COPY src /app/
      COPY --chmod=755 --chown=5 <<EOF /usr/local/bin/start
      #!/bin/sh
      EOF`,
    copies: 'linked: 2 (lines 2, 3)',
  },
  'the ends of lines of Windows': {
    dockerfile: [
      '# syntax=docker/dockerfile:1', 'FROM mcr.microsoft.com/dotnet/aspnet:8.0', 'WORKDIR /app', 'COPY \\', '  src \\', '  ./', 'COPY <<EOF a.json', '{}', 'EOF', 'COPY conf conf/',
    ].join('\r\n'),
    copies: 'linked: 3 (lines 4, 7, 10)',
  },
  'another escape character': {
    dockerfile: `
      # escape=\`
      FROM mcr.microsoft.com/dotnet/aspnet:8.0
      WORKDIR C\`
      # a comment between
      :
      COPY \`
      # and here
      src \`

      ./`,
    copies: 'linked: 1 (line 6)',
  },
  'small letters and more between the copies': {
    dockerfile: `
      from debian:bookworm-slim
      copy src /app/src
      label a=b
      Env DIR=/app/dir
      Copy app.py $DIR/
      expose 80
      healthcheck NONE
      arg LATE=/late
      cmd ["sh"]
      copy conf $LATE/
      shell ["/bin/sh", "-c"]
      user 1000
      copy app.py /by-user/
      stopsignal 9
      volume /app`,
    copies: 'linked: 4 (lines 2, 5, 10, 13)',
  },
  'copies that are linked already, and one that must not be': {
    dockerfile: `
      FROM node:20-slim
      WORKDIR /app
      COPY --link src ./src
      COPY conf ./conf
      COPY --link=false app.py ./
      COPY --link=true other.py ./other/
      COPY public ./other/`,
    copies: 'linked: 2 (lines 6, 7); not those before them: the COPY in line 5 says --link=false',
  },
  'only copies that are linked already': {
    dockerfile: `
      FROM node:20-slim
      COPY --link --chown=1000:1000 src /home/node/src/
      COPY --link app.py /var/run/app.py`,
    copies: 'as written: its Dockerfile links them',
  },
  'no copies at all': {
    dockerfile: `
      FROM node:20-slim
      COPY . /app
      RUN npm ci`,
    copies: 'as written: the RUN in line 3 needs all layers below it, and the copies before it',
  },
  'a source that is not there': {
    dockerfile: `
      FROM node:20-slim
      COPY src /app/
      COPY missing.py /app/`,
    copies: 'fails',
  },
});
