import * as path from 'path';
import { baseImages } from './base-images';
import { buildOciImage, OciImage } from './oci-image';
import { BuildKit } from '../engines/build-kit';
import { Registry } from '../registry/registry';
import { freshDirectory } from '../world/directories';

/** The stages of stand-ins/Dockerfile, and the names of the images that they stand for. */
const standIns: { readonly [stage: string]: readonly string[] } = {
  debian: ['docker.io/library/debian:bookworm-slim', 'docker.io/library/alpine:3.20', 'docker.io/library/ruby:3.3-slim'],
  python: ['docker.io/library/python:3.12', 'docker.io/library/python:3.12-slim'],
  node: ['docker.io/library/node:20', 'docker.io/library/node:20-slim', 'docker.io/library/node:20-alpine'],
  golang: ['docker.io/library/golang:1.23'],
  rust: ['docker.io/library/rust:1.80-slim'],
  java: ['docker.io/library/eclipse-temurin:21-jdk', 'docker.io/library/eclipse-temurin:21-jre', 'docker.io/library/maven:3.9-eclipse-temurin-21'],
  nginx: ['docker.io/library/nginx:alpine'],
  php: ['docker.io/library/php:8.3-apache'],
  dotnet: ['mcr.microsoft.com/dotnet/sdk:8.0', 'mcr.microsoft.com/dotnet/aspnet:8.0'],
  chiseled: ['mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled'],
  distroless: ['gcr.io/distroless/static-debian12:nonroot'],
  lambda: ['python:3.12', 'nodejs:20', 'java:21', 'provided:al2023'].map(image => `public.ecr.aws/lambda/${image}`),
  heavy: ['public.ecr.aws/lambda/python:3.13'],
  custom: ['ghcr.io/acme/base:1'],
  uv: ['ghcr.io/astral-sh/uv:0.8'],
};

/** The hosts of their registries. */
export const standInHosts = ['public.ecr.aws', 'docker.io', 'registry-1.docker.io', 'mcr.microsoft.com', 'gcr.io', 'ghcr.io'];

/** Builds them, from busybox, and puts them where builds look for them. */
export async function publishStandIns(registry: Registry, buildKit: BuildKit): Promise<void> {
  const context = path.join(__dirname, 'stand-ins');
  await (await baseImages.busybox()).publish(registry, 'docker.io/library/busybox:stable');
  for (const [target, names] of Object.entries(standIns)) {
    const image = await buildOciImage({ buildKit, context, dockerfile: path.join(context, 'Dockerfile'), target, directory: freshDirectory('stand-in') });
    for (const name of names) await publish(registry, image, name);
  }
}

async function publish(registry: Registry, image: OciImage, name: string): Promise<void> {
  const [, host, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(name)!;
  for (const { digest } of [image.manifest.config, ...image.manifest.layers]) {
    const start = await registry.direct(host, `/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const location = new URL(start.headers.get('location')!, start.url);
    location.searchParams.set('digest', digest);
    await succeeded(await fetch(location, { method: 'PUT', body: new Uint8Array(image.blob(digest)), headers: { 'Content-Type': 'application/octet-stream' } }));
  }
  await succeeded(await registry.direct(host, `/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    body: JSON.stringify(image.manifest),
    headers: { 'Content-Type': image.manifest.mediaType },
  }));
}

async function succeeded(answer: Response): Promise<void> {
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
}
