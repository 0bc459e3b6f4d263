#!/usr/bin/env bash
# Builds and pushes the image with kaniko. It needs no privileges, since it runs the steps in the container that the build itself runs in:
# it lays the files of the build image aside, unpacks the base image over /, and puts everything back at the end. Until then there is no
# program to start, so beside kaniko there is only this shell.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/registry.sh"
source "${0%/*}/passwords.sh"
source "${0%/*}/cache.sh"
source "${0%/*}/mirrors.sh"
source "${0%/*}/silent-mirrors.sh"
source "${0%/*}/kaniko-arguments.sh"
umask 077
shopt -s extglob

build() {
  local arguments version error
  PATH=$PATH:/kaniko
  command -v executor >/dev/null \
    || fail "there is no kaniko: the build image has to be ghcr.io/osscontainertools/kaniko:<version>-alpine, or one made from it"
  version=$(executor version) || version=unknown
  remember builder.description "kaniko ${version##* }, unprivileged"

  # The credentials move to where kaniko leaves them alone, and out of the reach of COPY --from, which sees all of a stage.
  mkdir -p "$CACHED_BUILD_DIR/docker"
  cat "${DOCKER_CONFIG:-$HOME/.docker}/config.json" >"$CACHED_BUILD_DIR/docker/config.json"
  export DOCKER_CONFIG=$CACHED_BUILD_DIR/docker

  kaniko_arguments
  kaniko_features
  check_cache
  umask 022 # that of the steps
  if with_mirrors build_and_push "${arguments[@]}" || build_without_cache; then
    remember result built
    if grep -qF "Immutable tag error ignored for $IMAGE_REPOSITORY@" "$CACHED_BUILD_DIR/kaniko.log"; then
      remember result 'built by another build at the same time'
    fi
  elif find_manifest image "$(recall tag)"; then
    remember result 'built by another build at the same time'
  else
    fail 'the image could not be built or pushed, the reason stands above'
  fi
  remember pushed "$(recall tag)"

  error=$(sed -nE 's/.*Error uploading layer to cache: (.*[^ ]) *$/\1/p' "$CACHED_BUILD_DIR/kaniko.log" | head -n 1)
  if [[ -n "$error" ]]; then cache_failed "$error"; fi
}

# build_without_cache: once more when it was a cached layer that failed the build; new ones take the places of all. 1 when it was something else.
build_without_cache() {
  local error
  error=$(cache_error)
  if [[ -z "$error" ]]; then return 1; fi
  printf 'the layer cache failed the build, so it is built again without\n' >&2
  remember cache.unread "$error"
  with_mirrors build_and_push "${arguments[@]}" --cache-ttl 0s
}

# cache_error: what the cache has to do with the build that failed. To kaniko, a layer that is listed and cannot be had is an error,
# and so are files that are others than those that a pointer to a copied layer was made for.
cache_error() {
  local error repository
  repository=$(cache_repository)
  if [[ -z "$repository" ]]; then return; fi
  error=$(grep -E '^error [a-z]+ing image: |Assertion violated \[executor\.' "$CACHED_BUILD_DIR/kaniko.log" | tail -n 1) || return 0
  error=${error%%+( )}
  case "$error" in
    *'extracting fs from image: '* | *'failed resolving cache pointer'* | *"/v2/${repository#*/}/"*) printf '%s' "${error#error *ing image: }" ;;
    *'Assertion violated '*) printf 'Assertion violated %s' "${error##*Assertion violated }" ;;
  esac
}

# build_and_push ARGUMENT...: what kaniko says becomes progress as an engine prints it, which the report reads
build_and_push() {
  local code=0 mirror output showing end="end of kaniko $RANDOM$RANDOM"
  local -a maps=()
  while IFS= read -r mirror; do maps+=(--registry-map "$(kaniko_mirror "$mirror")"); done < <(mirrors)
  # Without the fallback, kaniko would pass a mirror that fails in silence.
  if ((${#maps[@]} > 0)); then maps+=(--skip-default-registry-fallback); fi
  : >"$CACHED_BUILD_DIR/kaniko.log"
  # Not a pipeline, which would wait for each process that a step has left behind, since those hold the output open.
  exec {output}> >(show "$end")
  showing=$!
  watched executor "$@" "${maps[@]}" >&"$output" 2>&1 || code=$?
  printf '%s\n' "$end" >&"$output" || true
  exec {output}>&-
  wait "$showing" || true
  jq -nRr --arg cache "$(cache_repository)" --arg unread "$(recall cache.unread)" -f "${0%/*}/kaniko-progress.jq" \
    "$CACHED_BUILD_DIR/kaniko.log" >"$CACHED_BUILD_DIR/build.progress" || true
  return "$code"
}

# show END: passes lines on without their colors, but for those that kaniko repeats all the time, and keeps them all. END is behind the last.
# kaniko asks for all images before it touches a file, so nothing is lost when it is ended at a mirror that is silent.
show() {
  local line ended='' image mirror
  local -A asked=()
  while [[ -z "$ended" ]] && next_line; do
    if [[ "$line" == *"$1" ]]; then
      ended=true
      line=${line%"$1"}
      if [[ -z "$line" ]]; then break; fi
    fi
    printf '%s\n' "$line" >>"$CACHED_BUILD_DIR/kaniko.log"
    line=${line//$'\e['*([0-9;])m/}
    case "$line" in
      INFO*'] all credential helpers disabled'* | INFO*'] credential providers by priority'*) ;;
      INFO*'] Retrieving image '*' from mapped registry '*)
        image=${line#*'] Retrieving image '}
        mirror=$(mirror_of "${image%% from mapped registry *}")
        if [[ -n "$mirror" ]]; then asked[kaniko]=$mirror; fi
        ;;
      *) asked=() ;;
    esac
    case "$line" in
      INFO*'] all credential helpers disabled'* | INFO*'] credential providers by priority'*) ;;
      INFO*'] Retrieving image manifest'* | INFO*'] Returning cached image manifest'*) ;;
      *) printf '%s\n' "${line%%+( )}" ;;
    esac
  done
}

# cache_repository: the repository that the layer cache has to itself
cache_repository() {
  local location=${CACHE_LOCATION:-}
  location=${location#type=registry,ref=}
  printf '%s' "${location%:}"
}

# check_cache: to kaniko, a cache that denies access looks like an empty one, so it is asked for a layer that nobody has
check_cache() {
  local host password status reason=
  [[ -n "${CACHE_LOCATION:-}" ]] || return 0
  host=$(cache_registry)
  cat "$CACHED_BUILD_DIR/registry.curl" >"$CACHED_BUILD_DIR/cache.curl"
  if [[ "$host" != "$(registry_host)" ]]; then
    password=$(password_of "$host") || password=
    printf 'user = "AWS:%s"\n' "$password" >"$CACHED_BUILD_DIR/cache.curl"
  fi
  status=$(IMAGE_REPOSITORY=$(cache_repository) registry_request cache GET none \
    --config "$CACHED_BUILD_DIR/cache.curl" --header "Accept: ${manifest_types//$'\n'/}" 2>/dev/null) || status=000
  case "$status" in
    000) reason="its registry cannot be reached: $(recall cache.error)" ;;
    404) if [[ "$(registry_error cache)" == NAME_UNKNOWN ]]; then reason="the repository $(cache_repository) is missing"; fi ;;
    *) reason="the registry denies it (HTTP $status): $(recall cache.body)" ;;
  esac
  remember cache.unread "${reason//+([[:space:]])/ }"
}

already_there && exit 0
timed build build
