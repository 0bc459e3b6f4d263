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
    reason=$(unsupported "$dockerfile" "$platform")
    if [[ -n "$reason" ]]; then fail "DockerBuilder.kaniko() cannot do what ${values[2]} asks for: $reason; use DockerBuilder.buildKit() for this image"; fi
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

# unsupported DOCKERFILE PLATFORM: the first thing in it that kaniko cannot do, mostly without a word, and why. Only the flags in front of an instruction count.
# Of a Dockerfile that is known at synthesis, the synthesis says it.
unsupported() {
  awk -v platform="$2" '
    function refuse(why) { print "line " start " has " word[i] ", and " why; exit }
    { sub(/\r$/, "") }
    !body && tolower($0) ~ /^#[ \t]*syntax[ \t]*=/ && $0 !~ /=[ \t]*(docker\.io\/)?docker\/dockerfile(-upstream)?([:@ \t]|$)/ {
      start = NR
      word[i] = $0
      refuse("it has no frontends")
    }
    !/^#/ { body = 1 }
    continued && /^[ \t]*(#|$)/ { next }
    !continued { start = NR; text = "" }
    { continued = sub(/\\[ \t]*$/, ""); text = text " " $0 }
    continued { next }
    {
      count = split(text, word)
      i = toupper(word[1]) == "ONBUILD" ? 2 : 1
      keyword = toupper(word[i])
      from = ""
      if (keyword == "FROM") {
        if (toupper(word[count - 1]) == "AS") stages[tolower(word[count])]
        stages[stage_count++]
      }
      for (i++; i <= count && word[i] ~ /^--/; i++) {
        flag = tolower(word[i])
        if (keyword == "FROM" && flag ~ /^--platform=[a-z0-9_\/]+$/ && flag != "--platform=" platform) refuse("it builds for " platform " only")
        if (keyword == "RUN" && flag ~ /^--mount=/) {
          if (flag ~ /[=,]type=secret(,|$)/) refuse("it keeps a secret as a file that every step can read, whether it mounts the secret or not")
          if (flag ~ /[=,]type=ssh(,|$)/) refuse("it has no SSH agent for a step, and passes over the mount")
          if (flag ~ /[=,]type=tmpfs(,|$)/) refuse("it passes over the mount, so what the step leaves there would be in the image")
          if (flag ~ /[=,]from=/) refuse("it leaves a mount of another stage or image out, and gives an empty cache instead of a filled one")
          if (flag ~ /[=,](target|dst|destination)=[a-z0-9._]/) refuse("it takes the target from / and not from the WORKDIR; begin it with a slash")
        }
        if (keyword == "RUN" && flag ~ /^--(device|network|security)(=|$)/) refuse("it passes over that flag")
        if (keyword == "COPY" && flag ~ /^--from=/) from = tolower(substr(flag, 8))
        if (keyword == "COPY" && flag ~ /^--(exclude|parents)(=|$)/) refuse("it passes over that flag")
        if (keyword == "ADD" && flag ~ /^--(checksum|exclude|keep-git-dir|unpack)(=|$)/) refuse("it passes over that flag")
      }
      if (keyword == "RUN" && i <= count) {
        for (j = i; j <= count && word[j] ~ /^[0-9]*<<[^<]/; j++);
        if (j > count) refuse("its shell would expand the here-document before sh gets it, or pass over it; give it to a program, as in RUN sh << with quotes around its name")
      }
      if (keyword == "ADD" && text ~ / --chown=/ && text ~ /\.(tar(\.[a-z0-9]+)?|t[bgx]z2?)[ ",]/ && text !~ /:\/\//) {
        i = count
        refuse("it leaves the files of an archive to the owners in it, whatever --chown says")
      }
      for (; i < count; i++) {
        if (from in stages && word[i] ~ /^[.\/*]*$/) refuse("it would take the files of the build with those of the stage, since all are in one container")
        if (keyword == "ADD") if (word[i] ~ /^git@/ || word[i] ~ /^[a-z+]+:\/\/.*\.git([#?]|$)/) refuse("it would download a page instead of the repository")
      }
    }
  ' "$1"
}
