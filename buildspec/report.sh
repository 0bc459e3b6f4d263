#!/usr/bin/env bash
# Says in a few lines what this build did.
set -euo pipefail
source "${0%/*}/state.sh"

# summary FILTER: a part of what the progress of the build says
summary() { jq -r "$1" "$CACHED_BUILD_DIR/summary.json"; }

steps() {
  if already_there; then
    printf 'none'
  else
    summary '"\(.steps | map(select(.cached)) | length) cached, \(.steps | map(select(.cached | not)) | length) run"'
  fi
}

cache_read() {
  if already_there; then
    printf 'not needed'
  elif [[ -z "${CACHE_FROM:-}${CACHE_LOCATION:-}" ]]; then
    if [[ -n "${CACHE_KEEPER:-}" ]]; then printf 'what %s has' "$CACHE_KEEPER"; else printf 'off'; fi
  else
    # shellcheck disable=SC2016 # the variables are jq's
    summary '(.imports | map(select(.error == "") | .from)) as $read
      | (any(.imports[]; .from == "s3" or .from == "kaniko") and all(.steps[]; .cached | not)) as $unsaid # BuildKit does not say when a bucket has none, and kaniko never
      | .imports | map(.error) | (map(select((test("(: not found|not found: not found|does not exist)$") | not) or test("NoSuchBucket")))) as $failures
      | if length == 0 then "unknown"
        elif $read != [] and $unsaid then "no, there is none yet or nothing of it fits"
        elif $read != [] then (if length == 1 then "yes" else "yes, " + ($read | unique | join(", ")) end)
        elif $failures == [] then "no, there is none yet"
        else "no, " + $failures[0] end'
  fi
}

cache_written() {
  if already_there; then
    printf 'not needed'
  elif [[ -n "$(recall cache.failed)" ]]; then
    printf 'no, %s' "$(recall cache.failed)"
  elif [[ -n "${CACHE_INLINE:-}" ]]; then
    printf 'yes, within the image%s' "${CACHE_STAGES:+, and as the stages $CACHE_STAGES}"
  elif [[ -n "${CACHE_EXPORT:-}" ]]; then
    printf 'yes'
  elif [[ -n "${CACHE_KEEPER:-}" ]]; then
    printf 'in %s' "$CACHE_KEEPER"
  else
    printf 'off'
  fi
}

# base_images: where those of each registry with a mirror came from
base_images() {
  if already_there; then
    printf 'not needed'
    return
  fi
  local mirror text=
  local -a all
  read -ra all <<<"$IMAGE_MIRRORS"
  for mirror in "${all[@]}"; do
    if [[ " $(recall mirrors.failed) " == *" $mirror "* ]]; then
      text+=", ${mirror%%=*} itself, since its mirror failed"
    else
      text+=", ${mirror%%=*} by ${mirror#*=}"
    fi
  done
  printf '%s' "${text#, }"
}

seconds() { awk -v us="$1" 'BEGIN { printf "%.1f s", us / 1000000 }'; }

phases() {
  while read -r line; do printf '%s %s, ' "${line% *}" "$(seconds "${line##* }")"; done <"$CACHED_BUILD_DIR/phases"
  printf 'total %s' "$(seconds "$(($(microseconds) - $(recall started)))")"
}

# What cannot be told is no reason to fail a build that has pushed its image.
already_there || jq -nRf "${0%/*}/summary.jq" "$CACHED_BUILD_DIR/build.progress" >"$CACHED_BUILD_DIR/summary.json" \
  || remember summary.json '{ "steps": [], "imports": [] }'

read=$(cache_read)
case "$read" in
  'no, there is none yet'*) ;;
  'no, '*) warn "the layer cache could not be read: ${read#no, }" ;;
esac

printf '\n%s\n' '--- cached docker build ---'
printf '%-14s%s\n' \
  image "$IMAGE_REPOSITORY:$(recall tag)" \
  digest "$(recall digest)" \
  result "$(recall result)" \
  builder "$(if already_there; then printf 'none'; else recall builder.description; fi)" \
  ${IMAGE_MIRRORS:+'base images' "$(base_images)"} \
  steps "$(steps)" \
  'cache read' "$read" \
  'cache written' "$(cache_written)" \
  time "$(phases)"

if [[ -n "${CACHE_REQUIRED:-}" && -n "$(recall cache.failed)" ]]; then
  fail "the image is in the registry, but its layer cache is not, and the cache was declared with ignoreErrors: false"
fi
