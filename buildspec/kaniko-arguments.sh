# shellcheck shell=bash
# What kaniko is told. Whoever reads this file reads state.sh too.

# kaniko_arguments: sets the array `arguments`
kaniko_arguments() {
  local argument context dockerfile reason system processor variant
  local -a values
  # All at once, since each start of jq counts. No value holds a NUL.
  jq -j '(.platform, .context, .dockerfile, .target // "", .refreshPeriod // "", .dockerfileContent != null, .dockerfileContent // "",
    (.buildArgs | to_entries[] | .key + "=" + .value)) | tostring + "\u0000"' "$CACHED_BUILD_DIR/plan.json" >"$CACHED_BUILD_DIR/plan.values"
  mapfile -d '' -t values <"$CACHED_BUILD_DIR/plan.values"
  local platform=${values[0]} target=${values[3]} period=${values[4]} staged=${values[5]}

  context=$CODEBUILD_SRC_DIR/${values[1]}
  dockerfile=$context/${values[2]}
  if [[ "$staged" == true ]]; then
    # The context holds just what Docker would send: the Dockerfile comes from the plan, and an empty ignore file beside it
    # keeps kaniko from applying the user's a second time.
    mkdir -p "$CACHED_BUILD_DIR/dockerfile"
    dockerfile=$CACHED_BUILD_DIR/dockerfile/Dockerfile
    printf '%s' "${values[6]}" >"$dockerfile"
    : >"$dockerfile.dockerignore"
  else
    # A source is a link to where CodeBuild has put it, beside the folder of the build: kaniko would remove it with all other files.
    if [[ -d "$context" ]]; then context=$(readlink -f -- "$context"); fi
    dockerfile=$context/${values[2]}
    [[ -f "$dockerfile" ]] || fail "the source has no ${values[1]}/${values[2]}"
    reason=$(awk -v platform="$platform" -f "${0%/*}/kaniko-unsupported.awk" "$dockerfile")
    if [[ -n "$reason" ]]; then fail "DockerBuilder.kaniko() cannot do what ${values[2]} asks for: $reason; use DockerBuilder.buildkit() for this image"; fi
  fi

  arguments=(
    --context "$context" --dockerfile "$dockerfile" --custom-platform "$platform"
    --destination "$IMAGE_REPOSITORY:$(recall tag)" --digest-file "$CACHED_BUILD_DIR/kaniko.digest" --push-ignore-immutable-tag-errors
    # What is there before the build stays out of the image, and is there again behind it; what the build needs itself stays all the time.
    --preserve-context --pre-cleanup --cleanup --ignore-path "$CODEBUILD_SRC_DIR" --ignore-path "$CACHED_BUILD_DIR"
    --ignore-var-run=false     # what is mounted there is left out anyway
    --credential-helpers=      # each registry is logged in to already
    --compressed-caching=false # else whole layers are held in memory
    --log-format color         # tells the lines of kaniko from those of a step
  )
  if [[ "$staged" != true ]]; then arguments+=(--ignore-path "$context"); fi
  # kaniko refuses to work where it sees no sign of a container, since it removes all files. Not every container shows one,
  # but who has kaniko in this place is in its image.
  if [[ -x /kaniko/executor ]]; then arguments+=(--force); fi
  # What BuildKit knows in FROM and in the paths of a COPY --from, and kaniko only within a stage. The build machine has the platform of the image.
  IFS=/ read -r system processor variant <<<"$platform"
  for argument in {BUILD,TARGET}{"PLATFORM=$platform","OS=$system","ARCH=$processor","VARIANT=${variant:-}"}; do arguments+=(--build-arg "$argument"); done
  if [[ -n "$target" ]]; then arguments+=(--target "$target"); fi
  for argument in "${values[@]:7}"; do arguments+=(--build-arg "$argument"); done

  if [[ -n "${CACHE_LOCATION:-}" ]]; then
    # How long a layer is kept, its repository says. A layer of an earlier period must not come back, and kaniko tells layers apart by their
    # age only: with a refresh period, all are too old, and new ones take their places.
    arguments+=(--cache=true --cache-copy-layers --cache-repo "$(cache_repository)" --cache-ttl "$(if [[ -n "$period" ]]; then printf 0s; else printf 87600h; fi)")
  fi
}

# kaniko_mirror MIRROR: as kaniko takes one; Docker Hub has a name of its own there
kaniko_mirror() {
  local registry=${1%%=*}
  if [[ "$registry" == docker.io ]]; then registry=index.docker.io; fi
  printf '%s=%s' "$registry" "${1#*=}"
}

# kaniko_features: lets kaniko do as BuildKit does where it has both ways, know a layer by all that it depends on,
# and leave out the stages of which everything is cached
kaniko_features() {
  local feature
  for feature in CHOWN_ON_IMPLICIT_DIRS COPY_AS_ROOT COPY_CHMOD_ON_IMPLICIT_DIRS EXPAND_HEREDOC RUN_HONOR_GROUP UNTAR_SKIP_ROOT \
    HASH_DIR_FRAMING RESOLVE_CACHE_KEY ROLLING_CACHE_KEY SCOPED_DOCKERIGNORE SKIP_WRITE_WHITEOUTS \
    CACHE_LOOKAHEAD INFER_CROSS_STAGE_CACHE_KEY SKIP_CACHED_STAGES SHARED_BASE_CACHE SKIP_RELABEL_RECOMPRESS CROSS_REPO_MOUNT \
    PRECOMPILE_DOCKERIGNORE; do
    export "FF_KANIKO_$feature=true"
  done
}
