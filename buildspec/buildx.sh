# shellcheck shell=bash
# What to say when the buildx of the build image is why nothing was built. It is asked for after a failure only, since each call of it counts.

# require_buildx: ends the build if its buildx is missing or too old
require_buildx() {
  local version
  version=$(docker buildx version 2>/dev/null | sed -nE 's/^[^ ]+ v?([0-9]+\.[0-9]+).*/\1/p') || version=
  if [[ -z "$version" ]]; then
    fail "the build image has no buildx: use a newer build image, or DockerBuilder.dockerEngine()"
  fi
  if [[ "$version" == 0.* && "${version#0.}" -lt 13 ]]; then
    fail "the buildx of the build image is $version, and 0.13 is needed: use a newer build image, or DockerBuilder.dockerEngine()"
  fi
}
