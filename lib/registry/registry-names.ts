import { HOST, PART } from '../values/image-name';

/** Names of Docker Hub that are in use, but not in the names of images. */
const DOCKER_HUB = ['docker.com', 'hub.docker.com', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'];

const ENDPOINT = new RegExp(`^(?:${HOST})(?:/${PART})*$`);

/** Raises an error when images cannot name this as their registry. */
export function checkRegistry(caller: string, property: string, registry: string): void {
  if (DOCKER_HUB.includes(registry)) {
    throw new Error(`${caller}: ${property} must be the registry as images name it, got ${JSON.stringify(registry)}; use 'docker.io'`);
  }
  if (!new RegExp(`^(?:${HOST})$`).test(registry)) {
    throw new Error(`${caller}: ${property} must be a registry without path, known at synthesis, got ${JSON.stringify(registry)}; for example 'docker.io' or 'registry.example.com:5000'`);
  }
}

/** Raises an error when images cannot be below this. */
export function checkEndpoint(caller: string, endpoint: string): void {
  if (!ENDPOINT.test(endpoint)) {
    throw new Error(`${caller}: endpoint must be a registry, with or without a path, known at synthesis, got ${JSON.stringify(endpoint)}; for example 'mirror.example.com' or 'registry.example.com/docker-hub'`);
  }
}

/** The registry as images name it. */
export function registryOf(host: string): string {
  return DOCKER_HUB.includes(host) ? 'docker.io' : host;
}

export function hostOf(endpoint: string): string {
  return endpoint.split('/')[0];
}
