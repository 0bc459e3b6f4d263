#!/usr/bin/env bash
# Builds the image with BuildKit and pushes it.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/registry.sh"
source "${0%/*}/cache.sh"
source "${0%/*}/mirrors.sh"
source "${0%/*}/silent-mirrors.sh"
source "${0%/*}/build-arguments.sh"
source "${0%/*}/buildx.sh"

build() {
  local arguments name digest
  check_mirrors "$(recall builder)"
  build_arguments
  if [[ -n "${CACHE_INLINE:-}" ]]; then arguments+=(--cache-to type=inline); fi

  # Lambda refuses an image index, and any attestation makes one. It refuses layers of zstd too, which a base image may have and the cache,
  # so all are made gzip; those that are so already stay where they are. store=false keeps an engine from unpacking what it only passes on.
  if pushes_by_digest; then
    name="name=$IMAGE_REPOSITORY,push-by-digest=true,name-canonical=true"
  else
    name="name=$IMAGE_REPOSITORY:$(recall tag)"
  fi
  arguments+=(--output "type=image,$name,push=true,store=false,oci-mediatypes=true,compression=gzip,force-compression=true")

  if with_mirrors build_and_push "${arguments[@]}"; then
    remember result built
  elif ! pushes_by_digest && find_manifest image "$(recall tag)"; then
    remember result 'built by another build at the same time'
  else
    require_buildx
    fail 'the image could not be built or pushed, the reason stands above'
  fi

  if pushes_by_digest; then
    digest=$(jq -er '."containerimage.digest" | strings' "$CACHED_BUILD_DIR/metadata.json") || fail 'BuildKit did not say which image it pushed'
    remember pushed "$digest"
  else
    remember pushed "$(recall tag)"
  fi
}

# build_and_push ARGUMENT...
build_and_push() {
  find_stages find_stage follow || return 1
  solve "$@" --metadata-file "$CACHED_BUILD_DIR/metadata.json" 2>&1 | tee -a "$CACHED_BUILD_DIR/build.progress" | follow
}

follow() { show_progress | watch_mirrors; }

# find_stage STAGE
find_stage() {
  local arguments
  build_arguments "$1"
  solve "${arguments[@]}" --output type=cacheonly
}

# solve ARGUMENT...
solve() {
  BUILDX_METADATA_PROVENANCE=disabled watched docker buildx build --builder "$(recall builder)" "$@" --provenance=false --sbom=false --progress rawjson
}

# Pushed by its digest, an image gets its tag after it was checked. An engine's own BuildKit can push by tag only.
pushes_by_digest() { [[ "$(recall builder)" != default ]]; }

already_there && exit 0
timed build build
