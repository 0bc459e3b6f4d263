#!/usr/bin/env bash
# Says in a few lines what this build did.
set -euo pipefail
source "${0%/*}/state.sh"

# BuildKit names a step of the Dockerfile "[stage 2/5] RUN ..."; everything else it shows is its own work, and FROM is never cached.
count_steps() {
  jq -nRr '[inputs | fromjson? | .vertexes[]?]
    | map(select(.name | test("^\\[") and (test("^\\[(internal|auth)\\b|\\] FROM ") | not)))
    | group_by(.digest) | map(any(.cached))
    | "\(map(select(.)) | length) cached, \(map(select(. | not)) | length) run"' "$CACHED_BUILD_DIR/build.progress"
}

count_steps_of_engine() {
  awk '/^#[0-9]+ \[/ && !/^#[0-9]+ \[(internal|auth)/ && !/\] FROM / { step[$1] = 1 }
    /^#[0-9]+ CACHED$/ { cached[$1] = 1 }
    END { for (s in step) if (s in cached) c++; else r++; printf "%d cached, %d run", c, r }' "$CACHED_BUILD_DIR/build.progress"
}

steps() {
  if already_there; then
    printf 'none'
  elif head -c 1 "$CACHED_BUILD_DIR/build.progress" | grep -q '{'; then
    count_steps
  else
    count_steps_of_engine
  fi
}

cache_read() {
  if already_there; then
    printf 'not needed'
  elif [[ -z "${CACHE_FROM:-}" ]]; then
    printf 'off'
  else
    jq -nRr '[inputs | fromjson? | .vertexes[]? | select(.name | startswith("importing cache manifest"))]
      | group_by(.digest) | map({name: .[0].name, error: (map(.error // empty) | first // "")})
      | if length == 0 then "unknown"
        elif any(.error == "") then "yes"
        elif all(.error | test("not found|NotFound")) then "no, there is none yet"
        else "no, " + (map(select(.error | test("not found|NotFound") | not).error) | first) end' "$CACHED_BUILD_DIR/build.progress"
  fi
}

cache_written() {
  if already_there; then
    printf 'not needed'
  elif [[ -n "${CACHE_INLINE:-}" ]]; then
    printf 'yes, within the image'
  else
    recall cache.written
  fi
}

seconds() { awk -v us="$1" 'BEGIN { printf "%.1f s", us / 1000000 }'; }

phases() {
  while read -r line; do printf '%s %s, ' "${line% *}" "$(seconds "${line##* }")"; done <"$CACHED_BUILD_DIR/phases"
  printf 'total %s' "$(seconds "$(($(microseconds) - $(recall started)))")"
}

already_there || [[ "$(cache_read)" != 'no, '* ]] || [[ "$(cache_read)" == 'no, there is none yet' ]] \
  || warn "the layer cache could not be read: $(cache_read)"

printf '\n%s\n' '--- cached docker build ---'
printf '%-14s%s\n' \
  image "$IMAGE_REPOSITORY:$(recall tag)" \
  digest "$(recall digest)" \
  result "$(recall result)" \
  builder "$(if already_there; then printf 'none'; else recall builder.description; fi)" \
  steps "$(steps)" \
  'cache read' "$(cache_read)" \
  'cache written' "$(cache_written)" \
  time "$(phases)"
