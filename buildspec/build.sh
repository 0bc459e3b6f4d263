#!/usr/bin/env bash
# Builds the image with BuildKit and pushes it by its digest. It gets its tag later, when it has been checked.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/build-arguments.sh"

build() {
  local arguments
  build_arguments
  if [[ -n "${CACHE_INLINE:-}" ]]; then arguments+=(--cache-to type=inline); fi

  # Lambda refuses an image index, and any attestation makes one. store=false keeps an engine from unpacking what it only passes on.
  local output="type=image,name=$IMAGE_REPOSITORY,push=true,push-by-digest=true,name-canonical=true,store=false"
  BUILDX_METADATA_PROVENANCE=disabled docker buildx build --builder "$(recall builder)" "${arguments[@]}" --provenance=false --sbom=false \
    --output "$output,oci-mediatypes=true,compression=gzip" \
    --metadata-file "$CACHED_BUILD_DIR/metadata.json" --progress rawjson 2>&1 \
    | tee "$CACHED_BUILD_DIR/build.progress" | show_progress \
    || fail 'the image could not be built or pushed, the reason stands above'

  local digest
  digest=$(jq -er '."containerimage.digest" | strings' "$CACHED_BUILD_DIR/metadata.json") || fail 'BuildKit did not say which image it pushed'
  remember pushed "$digest"
  remember result built
}

already_there && exit 0
timed build build
