#!/usr/bin/env bash
# Builds and pushes the image with the Docker engine that the build image has, whatever its version.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/registry.sh"
source "${0%/*}/cache.sh"
source "${0%/*}/mirrors.sh"
source "${0%/*}/build-arguments.sh"

build() {
  local arguments image
  check_mirrors default
  image=$IMAGE_REPOSITORY:$(recall tag)
  build_arguments
  with_mirrors build_image "${arguments[@]}" --tag "$image" || fail 'the image could not be built, the reason stands above'

  if docker push "$image"; then
    remember result built
  elif find_manifest image "$(recall tag)"; then
    remember result 'built by another build at the same time'
  else
    fail 'the image could not be pushed, the reason stands above'
  fi
  remember pushed "$(recall tag)"
}

# build_image ARGUMENT...
build_image() {
  find_stages find_stage cat
  engine_build "$@" 2>&1 | tee -a "$CACHED_BUILD_DIR/build.progress"
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
remember builder.description "the Docker engine, $version"
timed build build
