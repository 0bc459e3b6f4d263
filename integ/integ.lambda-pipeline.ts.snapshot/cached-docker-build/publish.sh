#!/usr/bin/env bash
# Checks what was pushed, then sets its tags. The registry does that by itself, no layer moves.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/registry.sh"

check_image() {
  local type layer
  type=$(jq -r '.mediaType // empty' "$CACHED_BUILD_DIR/image.body")
  type=${type:-$(recall image.type)}
  case "$type" in
    application/vnd.oci.image.manifest.v1+json | application/vnd.docker.distribution.manifest.v2+json) ;;
    *) fail "$IMAGE_REPOSITORY has an image index instead of an image ($type), which Lambda refuses." \
      "Build for one platform and without attestations, and delete the tag '$(recall tag)' if it has it already" ;;
  esac
  [[ "${IMAGE_RUNS_ON_LAMBDA:-}" == true ]] || return 0
  while read -r layer; do
    case "$layer" in
      *.tar | *.tar+gzip | *.tar.gzip) ;;
      *) fail "the image has a layer of type $layer, which Lambda refuses: it reads plain and gzip layers." \
        "It most likely comes from the base image" ;;
    esac
  done < <(jq -r '.layers[].mediaType' "$CACHED_BUILD_DIR/image.body")
}

set_extra_tags() {
  local tag tags
  read -d '' -ra tags <<<"${IMAGE_EXTRA_TAGS:-}" || true # its end is no NUL
  for tag in "${tags[@]}"; do
    [[ "$tag" =~ ^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$ ]] || fail "'$tag' cannot be an image tag"
    if find_manifest extra "$tag" && [[ "$(digest_of extra)" == "$(recall digest)" ]]; then continue; fi
    put_tag "$tag" || warn "the tag '$tag' is immutable and stays with the image that has it"
  done
}

publish() {
  local tag pushed
  tag=$(recall tag)
  pushed=$(recall pushed)
  if [[ -n "$pushed" ]]; then
    find_manifest image "$pushed" || fail "the registry does not have $pushed, which was just pushed"
    [[ "$pushed" != sha256:* || "$(digest_of image)" == "$pushed" ]] || fail "the registry answers with another image than $pushed"
  fi
  check_image
  if [[ "$pushed" == sha256:* ]] && ! put_tag "$tag"; then
    find_manifest image "$tag" || fail "the tag '$tag' can neither be set nor found in $IMAGE_REPOSITORY"
    check_image
    if [[ "$(digest_of image)" != "$pushed" ]]; then remember result 'built by another build at the same time'; fi
  fi
  remember digest "$(digest_of image)"
  set_extra_tags
}

timed publish publish
