# shellcheck shell=bash
# What every solve of one image has in common, so that the export of the cache finds each step of the build done already.

# build_arguments: sets the array `arguments`
build_arguments() {
  local name value reference references context dockerfile
  arguments=(--platform "$(plan .platform)")
  if [[ -n "$(recall docker.host)" ]]; then
    DOCKER_HOST=$(recall docker.host) # an engine of this build, without a network of its own
    export DOCKER_HOST
    arguments+=(--network host)
  fi

  context=$CODEBUILD_SRC_DIR/$(plan .context)
  dockerfile=$(plan .dockerfile)
  if [[ "$(plan '.dockerfileContent != null')" == true ]]; then
    # The context holds just what Docker would send: the Dockerfile comes from the plan, and an empty ignore file beside it
    # keeps BuildKit from applying the user's a second time.
    mkdir -p "$CACHED_BUILD_DIR/dockerfile"
    dockerfile=$CACHED_BUILD_DIR/dockerfile/$(basename -- "$dockerfile")
    jq -j .dockerfileContent "$CACHED_BUILD_DIR/plan.json" >"$dockerfile"
    : >"$dockerfile.dockerignore"
  else
    dockerfile=$context/$dockerfile
  fi
  arguments+=(--file "$dockerfile")

  if [[ "$(plan '.target // ""')" != '' ]]; then arguments+=(--target "$(plan .target)"); fi
  jq -j '.buildArgs | to_entries[] | .key, "\u0000", .value, "\u0000"' "$CACHED_BUILD_DIR/plan.json" >"$CACHED_BUILD_DIR/build-args"
  while IFS= read -r -d '' name && IFS= read -r -d '' value; do
    arguments+=(--build-arg "$name=$value")
  done <"$CACHED_BUILD_DIR/build-args"
  read -d '' -ra references <<<"${CACHE_FROM:-}" || true # its end is no NUL
  for reference in "${references[@]}"; do arguments+=(--cache-from "$reference"); done
  arguments+=("$context")
}
