#!/usr/bin/env bash
# Pushes stages of the Dockerfile as images that carry their layers' cache, with the Docker engine that has built them.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/cache.sh"
source "${0%/*}/mirrors.sh"
source "${0%/*}/silent-mirrors.sh"
source "${0%/*}/build-arguments.sh"

# push_stage STAGE IMAGE
push_stage() {
  local arguments
  build_arguments "$1"
  engine_build "${arguments[@]}" --tag "$2" && timeout --kill-after=10 900 docker push "$2"
}

if already_there || [[ -z "${CACHE_STAGES:-}" ]]; then
  exit 0
fi
timed 'cache export' keep_stages push_stage
