# shellcheck shell=bash
# What every solve of one image has in common, so that the export of the cache finds each step of the build done already.

# engine_build ARGUMENT...: builds with the Docker engine of the build image. Old engines have no flag against attestations and make none;
# newer ones read the variable.
engine_build() {
  if [[ -n "${CACHE_INLINE:-}" ]]; then set -- --build-arg BUILDKIT_INLINE_CACHE=1 "$@"; fi
  BUILDX_BUILDER=default DOCKER_BUILDKIT=1 BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker build "$@" --progress plain
}

# build_arguments [STAGE]: sets the array `arguments`, for a stage other than the one of the image if one is given
build_arguments() {
  local name value reference context dockerfile target period
  arguments=(--platform "$(plan .platform)")
  if [[ -n "$(recall docker.host)" ]]; then
    DOCKER_HOST=$(recall docker.host) # an engine of this build, without a network of its own
    export DOCKER_HOST
    arguments+=(--network host)
  fi

  context=$CODEBUILD_SRC_DIR/$(plan .context)
  dockerfile=$(plan .dockerfile)
  if is_staged; then
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

  target=${1:-$(plan '.target // ""')}
  if [[ -n "$target" ]]; then arguments+=(--target "$target"); fi
  jq -j '.buildArgs | to_entries[] | .key, "\u0000", .value, "\u0000"' "$CACHED_BUILD_DIR/plan.json" >"$CACHED_BUILD_DIR/build-args"
  while IFS= read -r -d '' name && IFS= read -r -d '' value; do
    arguments+=(--build-arg "$name=$value")
  done <"$CACHED_BUILD_DIR/build-args"

  # Steps of another period shall run again. The names of additional hosts are part of what BuildKit knows a RUN step by,
  # and leave no trace in the image.
  period=$(plan '.refreshPeriod // ""')
  if [[ -n "$period" ]]; then arguments+=(--pull --add-host "refresh-$period.invalid:127.0.0.1"); fi

  while IFS= read -r reference; do arguments+=(--cache-from "$reference"); done < <(cache_sources)
  arguments+=("$context")
}
