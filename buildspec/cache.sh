# shellcheck shell=bash
# Where the layers of earlier builds are, and where this one leaves its own.

# cache_name [NAME]: the name of the image's cache, or of the part of it that a scope or a stage has to itself. Whatever the name holds,
# it becomes a valid tag, and no two names become the same.
cache_name() {
  local name=${1:-} hash readable
  if [[ -z "$name" ]]; then
    printf '%s' "$CACHE_TAG"
    return
  fi
  hash=$(printf '%s' "$name" | sha256sum)
  readable=${name//[^a-zA-Z0-9.]/-}
  printf '%s_%s-%s' "$CACHE_TAG" "${readable:0:24}" "${hash:0:10}"
}

# cache_target: where a cache apart from the image is written
cache_target() { printf '%s%s,%s' "$CACHE_LOCATION" "$(cache_name "${CACHE_SCOPE:-}")" "$CACHE_EXPORT"; }

# cache_sources [STAGE]: each cache to read from, one a line; for a stage that is kept as an image of its own, that image only
cache_sources() {
  local scope tag stage only=${1:-}
  local -a scopes tags stages
  if [[ -n "${CACHE_LOCATION:-}" ]]; then
    read -ra scopes <<<"${CACHE_FALLBACK_SCOPES:-}"
    for scope in "${CACHE_SCOPE:-}" "${scopes[@]}"; do printf '%s%s\n' "$CACHE_LOCATION" "$(cache_name "$scope")"; done
  fi
  read -ra tags <<<"${CACHE_FROM:-}"
  read -ra stages <<<"${CACHE_STAGES:-}"
  for tag in "${tags[@]}"; do
    if [[ -n "$only" ]]; then
      printf '%s:%s\n' "$IMAGE_REPOSITORY" "$(cache_name "$tag/$only")"
      continue
    fi
    printf '%s:%s\n' "$IMAGE_REPOSITORY" "$tag"
    for stage in "${stages[@]}"; do printf '%s:%s\n' "$IMAGE_REPOSITORY" "$(cache_name "$tag/$stage")"; done
  done
}

# find_stages COMMAND DISPLAY: runs it with each stage that is kept as an image of its own, before the image is built. What an image says of its
# stages has no layers, and BuildKit may come upon it first: with that image beside it, a stage is found by chance only.
# A stage that fails is built again with the image, which then says so. What was printed counts for the report as steps of the image do,
# under numbers of its own. 1 when a mirror is silent, which the image would only wait for again.
find_stages() {
  local index
  local -a stages
  read -ra stages <<<"${CACHE_STAGES:-}"
  : >"$CACHED_BUILD_DIR/build.progress"
  for index in "${!stages[@]}"; do
    "$1" "${stages[index]}" 2>&1 | tee "$CACHED_BUILD_DIR/stage.progress" | "$2" || true
    sed "s/^#/#0${index}0/; s/\"digest\":\"/&$index-/g" "$CACHED_BUILD_DIR/stage.progress" >>"$CACHED_BUILD_DIR/build.progress"
    if [[ -n "$(recall mirrors.silent)" ]]; then return 1; fi
  done
}

# keep_stages COMMAND: runs it with each stage that is kept as an image of its own, and with the address of that image
keep_stages() {
  local stage
  local -a tags stages
  read -ra tags <<<"$CACHE_FROM"
  read -ra stages <<<"$CACHE_STAGES"
  for stage in "${stages[@]}"; do
    "$1" "$stage" "$IMAGE_REPOSITORY:$(cache_name "${tags[0]}/$stage")" || cache_failed "the stage $stage could not be pushed"
  done
}

# cache_failed REASON: what the report says. A build that cannot keep its layers makes the next one slower and nothing else.
cache_failed() {
  remember cache.failed "$1"
  warn "the layer cache was not written, so the next build may be slower: $1"
}

# solve_once_more ARGUMENT...: a solve that finds every step done already. It may fail, and must not hang.
solve_once_more() {
  timeout --kill-after=10 900 docker buildx build --builder "$(recall builder)" "$@" --provenance=false --sbom=false \
    --progress rawjson >"$CACHED_BUILD_DIR/cache.progress" 2>&1 && return
  show_progress <"$CACHED_BUILD_DIR/cache.progress" >&2
  return 1
}
