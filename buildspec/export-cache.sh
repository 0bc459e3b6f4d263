#!/usr/bin/env bash
# Writes the layer cache after the image, in a solve of its own that finds every step done: a failing cache disturbs no push,
# and no layer is uploaded twice.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/cache.sh"
source "${0%/*}/mirrors.sh"
source "${0%/*}/build-arguments.sh"

export_cache() {
  local arguments reason
  build_arguments
  if ! solve_once_more "${arguments[@]}" --output type=cacheonly --cache-to "$(cache_target)"; then
    reason=$(grep '^ERROR' "$CACHED_BUILD_DIR/cache.progress" | tail -n 1 || true)
    cache_failed "${reason:-the reason stands above}"
  fi
}

if already_there || [[ -z "${CACHE_EXPORT:-}" ]]; then
  exit 0
fi
timed 'cache export' export_cache
