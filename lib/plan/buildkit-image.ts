/** The BuildKit that this library is tested with, by the digest of its index, since it runs with all the rights of the build machine. */
export const BUILDKIT_IMAGE = 'moby/buildkit:v0.32.2@sha256:28a898719c18a33f4e8000685287fa36fd0dd9560c6440227d3a732d79bb41d8';
