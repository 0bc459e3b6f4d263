#!/usr/bin/env bash
# Writes the layer cache after the image, in a solve of its own that finds every step done: a failing cache disturbs no push,
# and no layer is uploaded twice. A cache that cannot be written makes the next build slower and nothing else.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/build-arguments.sh"

export_cache() {
  local arguments reason
  build_arguments
  if timeout --kill-after=10 900 docker buildx build --builder "$(recall builder)" "${arguments[@]}" --provenance=false --sbom=false \
    --output type=cacheonly --cache-to "$CACHE_EXPORT" --progress rawjson >"$CACHED_BUILD_DIR/cache.progress" 2>&1; then
    remember cache.written yes
  else
    reason=$(grep '^ERROR' "$CACHED_BUILD_DIR/cache.progress" | tail -n 1 || true)
    remember cache.written "no, ${reason:-the reason stands above}"
    show_progress <"$CACHED_BUILD_DIR/cache.progress" >&2
    warn "the layer cache was not written, so the next build may be slower"
  fi
}

if already_there || [[ -z "${CACHE_EXPORT:-}" ]]; then
  exit 0
fi
timed 'cache export' export_cache
