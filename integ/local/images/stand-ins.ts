import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { baseImages } from './base-images';
import { buildOciImage, OciImage } from './oci-image';
import { publishOddBaseImage } from './odd-base-image';
import { publishImage } from './publish-image';
import { BuildKit } from '../engines/build-kit';
import { makeOnce } from '../parts/make-once';
import { parts } from '../parts/parts';
import { Registry } from '../registry/registry';

/** The stages of stand-ins/Dockerfile, and the names of the images that they stand for. */
const standIns: { readonly [stage: string]: readonly string[] } = {
  'debian': ['docker.io/library/debian:bookworm-slim'],
  'ubuntu': ['docker.io/library/ubuntu:24.04'],
  'alpine': ['docker.io/library/alpine:3.20'],
  'python': ['docker.io/library/python:3.12', 'docker.io/library/python:3.12-slim'],
  'node': ['docker.io/library/node:20', 'docker.io/library/node:20-slim'],
  'node-alpine': ['docker.io/library/node:20-alpine'],
  'ruby': ['docker.io/library/ruby:3.3-slim'],
  'golang': ['docker.io/library/golang:1.23'],
  'rust': ['docker.io/library/rust:1.80-slim'],
  'java': ['docker.io/library/eclipse-temurin:21-jdk', 'docker.io/library/eclipse-temurin:21-jre', 'docker.io/library/maven:3.9-eclipse-temurin-21'],
  'tomcat': ['docker.io/library/tomcat:10.1'],
  'gradle': ['docker.io/library/gradle:8-jdk21'],
  'nginx': ['docker.io/library/nginx:alpine'],
  'nginx-unprivileged': ['docker.io/nginxinc/nginx-unprivileged:alpine'],
  'httpd': ['docker.io/library/httpd:2.4'],
  'php': ['docker.io/library/php:8.3-apache'],
  'postgres': ['docker.io/library/postgres:16'],
  'dotnet': ['mcr.microsoft.com/dotnet/sdk:8.0', 'mcr.microsoft.com/dotnet/aspnet:8.0'],
  'chiseled': ['mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled'],
  'distroless-root': ['gcr.io/distroless/static-debian12:latest'],
  'distroless': ['gcr.io/distroless/static-debian12:nonroot'],
  'amazonlinux': ['docker.io/library/amazonlinux:2023'],
  'lambda': ['python:3.12', 'nodejs:20', 'java:21', 'provided:al2023'].map(image => `public.ecr.aws/lambda/${image}`),
  'jupyter': ['quay.io/jupyter/base-notebook:python-3.12'],
  'airflow': ['docker.io/apache/airflow:2.10'],
  'ubi': ['quay.io/sclorg/nodejs-20:c9s'],
  'ubi-java': ['registry.access.redhat.com/ubi8/openjdk-21:1.20'],
  'heavy': ['public.ecr.aws/lambda/python:3.13'],
  'custom': ['ghcr.io/acme/base:1'],
  'uv': ['ghcr.io/astral-sh/uv:0.8'],
  'adapter': ['public.ecr.aws/awsguru/aws-lambda-adapter:0.9'],
  'overlay': ['docker.io/acme/tools:1'],
};

/** The hosts of their registries. */
export const standInHosts = ['public.ecr.aws', 'docker.io', 'registry-1.docker.io', 'mcr.microsoft.com', 'gcr.io', 'ghcr.io', 'quay.io', 'registry.access.redhat.com'];

/** Builds them, from busybox, and puts them where builds look for them. */
export async function publishStandIns(registry: Registry, buildKit: BuildKit): Promise<void> {
  const busybox = await baseImages.busybox();
  await busybox.publish(registry, 'docker.io/library/busybox:stable');
  await publishOddBaseImage(registry, 'ghcr.io/acme/odd:1');
  await publishOddBaseImage(registry, 'ghcr.io/acme/odd:behind-a-link', { more: ['lib/behind'] });
  await publishOddBaseImage(registry, 'ghcr.io/acme/odd:without-history', { hasHistory: false });
  const source = path.join(__dirname, 'stand-ins');
  const pieces = [...fs.readdirSync(source).sort().map(file => fs.readFileSync(path.join(source, file))), ...Object.keys(standIns), `${busybox.bytes}`];
  // A place of their own for those that are made of something else, which may be in use.
  const directory = parts.directory('images', `stand-ins-${hashOf(pieces)}`);
  await makeOnce(directory, pieces, async () => {
    for (const target of Object.keys(standIns)) {
      await buildOciImage({ buildKit, context: source, dockerfile: path.join(source, 'Dockerfile'), target, directory: path.join(directory, target) });
    }
  });
  await Promise.all(Object.entries(standIns).map(async ([target, names]) => {
    const image = new OciImage(path.join(directory, target));
    const blobs = [image.manifest.config, ...image.manifest.layers].map(({ digest }) => image.blob(digest));
    for (const name of names) await publishImage(registry, name, blobs, image.manifest);
  }));
}

function hashOf(pieces: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  pieces.forEach(piece => hash.update(piece));
  return hash.digest('hex').slice(0, 12);
}
