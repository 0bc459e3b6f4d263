#!/usr/bin/env bash
# Pushes stages of the Dockerfile as images that carry their layers' cache, for the next build to find.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/cache.sh"
source "${0%/*}/mirrors.sh"
source "${0%/*}/build-arguments.sh"

# export_stage STAGE IMAGE
export_stage() {
  local arguments
  build_arguments "$1"
  solve_once_more "${arguments[@]}" --cache-to type=inline \
    --output "type=image,name=$2,push=true,store=false,oci-mediatypes=true,compression=gzip,force-compression=true"
}

if already_there || [[ -z "${CACHE_STAGES:-}" ]]; then
  exit 0
fi
timed 'cache export' keep_stages export_stage
