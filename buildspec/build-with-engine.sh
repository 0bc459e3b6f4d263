#!/usr/bin/env bash
# Builds and pushes the image with the Docker engine that `docker` talks to, whatever its version.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/registry.sh"
source "${0%/*}/cache.sh"
source "${0%/*}/mirrors.sh"
source "${0%/*}/silent-mirrors.sh"
source "${0%/*}/build-arguments.sh"

build() {
  local arguments image
  check_mirrors "$(recall builder)"
  check_client
  image=$IMAGE_REPOSITORY:$(recall tag)
  build_arguments
  if ! with_mirrors build_image "${arguments[@]}" --tag "$image"; then
    check_age
    fail 'the image could not be built, the reason stands above'
  fi

  if docker push "$image"; then
    remember result built
  elif find_manifest image "$(recall tag)"; then
    remember result 'built by another build at the same time'
  else
    fail 'the image could not be pushed, the reason stands above'
  fi
  remember pushed "$(recall tag)"

  # What is kept for the next build is layers. Images with a tag would fill the disk of an engine that lives on.
  if [[ -n "${CACHE_KEEPER:-}" ]]; then docker image rm "$image" >/dev/null || true; fi
}

# check_age: of what an older engine does not know yet, it says that it is a mistake
check_age() {
  local reason
  reason=$(sed -nE 's/.*parse error (on )?line [0-9]+: ((unknown (flag|instruction)|unexpected key).*)/\2/Ip' "$CACHED_BUILD_DIR/build.progress" | tail -n 1)
  if [[ -n "$reason" &&  "${version%%.*}" =~ ^[0-9]+$ && "${version%%.*}" -lt 25 ]]; then
    fail "the Docker engine $version is older than what the Dockerfile uses ($reason). Use a newer build image, or DockerBuilder.buildkit()," \
      "or begin the Dockerfile with '# syntax=docker/dockerfile:1'"
  fi
}

# build_image ARGUMENT...
build_image() {
  find_stages find_stage watch_mirrors || return 1
  engine_build "$@" 2>&1 | tee -a "$CACHED_BUILD_DIR/build.progress" | watch_mirrors
}

# find_stage STAGE
find_stage() {
  local arguments
  build_arguments "$1"
  engine_build "${arguments[@]}"
}

already_there && exit 0
version=$(docker version --format '{{.Server.Version}}') \
  || fail 'no Docker engine answers: the build needs privileged mode and a build image with Docker'
remember builder "$(docker context show 2>/dev/null || printf default)" # older ones know one only
remember builder.description "${CACHE_KEEPER:-the Docker engine}, $version"
timed build build
