#!/usr/bin/env bash
# Reads the build plan and asks the registry whether the image is there already. If it is, nothing is built.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/registry.sh"

look_up() {
  [[ -f "$CODEBUILD_SRC_DIR/$IMAGE_PLAN_FILE" ]] || fail "the input has no $IMAGE_PLAN_FILE: the build needs the cloud assembly of the very pipeline that it belongs to"
  cp "$CODEBUILD_SRC_DIR/$IMAGE_PLAN_FILE" "$CACHED_BUILD_DIR/plan.json"

  local tag
  tag=$(plan '.tag // ""')
  [[ -n "$tag" ]] || fail "the cloud assembly does not say which commit it was made for: its synthesis has to run in CodeBuild, from the source of the image"
  [[ "$tag" =~ ^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$ ]] || fail "'$tag' cannot be an image tag"
  remember tag "$tag"

  if find_manifest image "$tag"; then
    remember digest "$(digest_of image)"
    remember result 'already there'
    printf '%s:%s is there already, nothing to build\n' "$IMAGE_REPOSITORY" "$tag"
  fi
}

timed lookup look_up
