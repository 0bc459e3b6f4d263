#!/usr/bin/env bash
# Finds a BuildKit: one given from outside, the engine's own where it can be used, or a container of a pinned version.
# A way that does not work is said and the next one tried; only when none is left the build fails.
set -euo pipefail
source "${0%/*}/state.sh"

# use NAME DESCRIPTION
use() {
  remember builder "$1"
  remember builder.description "$2"
  printf 'builder: %s\n' "$2"
}

given_builder() {
  [[ -n "${BUILDX_BUILDER:-}" ]] || return 1
  if docker buildx inspect --bootstrap "$BUILDX_BUILDER" >/dev/null; then
    use "$BUILDX_BUILDER" "given in BUILDX_BUILDER, $BUILDX_BUILDER"
  else
    warn "the builder '$BUILDX_BUILDER' given in BUILDX_BUILDER does not answer, another one is used"
    return 1
  fi
}

# With Docker's classic image store the engine's BuildKit exports no cache, and a push makes it unpack the whole image first.
engine_with_containerd_store() {
  local store
  store=$(docker info --format '{{range .DriverStatus}}{{index . 1}} {{end}}' 2>/dev/null) || return 1
  [[ "$store" == *io.containerd.snapshotter.* ]] || return 1
  use default "the Docker engine's own BuildKit, $(docker version --format '{{.Server.Version}}')"
}

container() {
  local name=cached-docker-build
  docker buildx inspect "$name" >/dev/null 2>&1 && docker buildx rm --force "$name" >/dev/null 2>&1
  docker buildx create --name "$name" --driver docker-container \
    --driver-opt "image=$BUILDKIT_IMAGE" --driver-opt network=host --bootstrap || return 1
  use "$name" "a container of $BUILDKIT_IMAGE"
}

start_builder() {
  given_builder || engine_with_containerd_store || container \
    || fail "no BuildKit could be started. The build needs privileged mode, a build image with Docker and buildx," \
      "and a way to pull $BUILDKIT_IMAGE (DockerBuilder.buildKit({ image }) names another)"
}

already_there && exit 0
timed builder start_builder
