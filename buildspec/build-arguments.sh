# shellcheck shell=bash
# What every solve of one image has in common, so that the export of the cache finds each step of the build done already.
# Whoever reads this file reads mirrors.sh too, and silent-mirrors.sh for `engine_build`.

# engine_build ARGUMENT...: builds with the engine that `docker push` will push from. Old engines have no flag against attestations and make none;
# newer ones read the variable.
engine_build() {
  if [[ -n "${CACHE_INLINE:-}" ]]; then set -- --build-arg BUILDKIT_INLINE_CACHE=1 "$@"; fi
  BUILDX_BUILDER=$(recall builder) DOCKER_BUILDKIT=1 BUILDX_NO_DEFAULT_ATTESTATIONS=1 watched docker build "$@" --progress plain
}

# build_arguments [STAGE]: sets the array `arguments`, for a stage other than the one of the image if one is given.
build_arguments() {
  use_mirrors
  local argument context dockerfile reference
  local -a values
  # All at once, since each start of jq counts. No value holds a NUL.
  jq -j '(.platform, .context, .dockerfile, .target // "", .refreshPeriod // "", .dockerfileContent != null, .dockerfileContent // "",
    (.buildArgs | to_entries[] | .key + "=" + .value)) | tostring + "\u0000"' "$CACHED_BUILD_DIR/plan.json" >"$CACHED_BUILD_DIR/plan.values"
  mapfile -d '' -t values <"$CACHED_BUILD_DIR/plan.values"
  local platform=${values[0]} target=${1:-${values[3]}} period=${values[4]} staged=${values[5]}

  arguments=(--platform "$platform")
  if [[ -n "$(recall docker.host)" ]]; then
    DOCKER_HOST=$(recall docker.host) # an engine of this build, without a network of its own
    export DOCKER_HOST
    arguments+=(--network host)
  fi

  context=$CODEBUILD_SRC_DIR/${values[1]}
  dockerfile=$context/${values[2]}
  if [[ "$staged" == true ]]; then
    # The context holds just what Docker would send: the Dockerfile comes from the plan, and an empty ignore file beside it
    # keeps BuildKit from applying the user's a second time.
    mkdir -p "$CACHED_BUILD_DIR/dockerfile"
    dockerfile=$CACHED_BUILD_DIR/dockerfile/$(basename -- "${values[2]}")
    printf '%s' "${values[6]}" >"$dockerfile"
    : >"$dockerfile.dockerignore"
  fi
  arguments+=(--file "$dockerfile")

  if [[ -n "$target" ]]; then arguments+=(--target "$target"); fi
  for argument in "${values[@]:7}"; do arguments+=(--build-arg "$argument"); done

  # Steps of another period shall run again. The names of additional hosts are part of what BuildKit knows a RUN step by,
  # and leave no trace in the image.
  if [[ -n "$period" ]]; then arguments+=(--pull --add-host "refresh-$period.invalid:127.0.0.1"); fi

  while IFS= read -r reference; do arguments+=(--cache-from "$reference"); done < <(cache_sources "${1:-}")
  arguments+=("$context")
}
