# shellcheck shell=bash
# Mirrors that take a request and never answer. BuildKit and kaniko wait for an answer as long as it takes, so such a mirror would hold the build
# until CodeBuild ends it. What they print says whom they have asked: it is what the builder itself comes upon, wherever it runs.
# Whoever reads this file reads mirrors.sh too.

# How many seconds nothing may happen while a mirror is asked what an image is. Amazon ECR, asked for the first time, asks another registry itself.
patience=60

# watched COMMAND...: runs it in a process group of its own, so that it can be ended with whatever it has started
watched() {
  if [[ -z "$(mirrors)" ]]; then
    "$@"
    return
  fi
  set -m
  "$@" &
  set +m
  remember watched $!
  wait $!
}

# watch_mirrors: passes the progress of a watched command on. All images are looked up before the first step.
watch_mirrors() {
  local line mirror
  local -A asked=()
  [[ -n "$(mirrors)" ]] || exec cat
  while next_line; do
    printf '%s\n' "$line"
    case "$line" in
      '#'[0-9]*' load metadata for '* | '#'[0-9]*' resolve image config for '*)
        while IFS= read -r mirror; do
          if [[ "${line##* for }" == ?(docker-image://)@("${mirror%%=*}"|"${mirror#*=}")/* ]]; then asked[${line%% *}]=$mirror; fi
        done < <(mirrors)
        ;;
      '#'[0-9]*' DONE'* | '#'[0-9]*' CACHED'* | '#'[0-9]*' ERROR'* | '#'[0-9]*' CANCELED'*)
        # bash would run a command in the subscript, and what a registry says may look like such a line
        if [[ "${line%% *}" =~ ^#[0-9]+$ ]]; then unset "asked[${line%% *}]"; fi
        ;;
      '#'[0-9]*' ['*[0-9]/[0-9]*'] '*) exec cat ;;
    esac
  done
}

# next_line: sets `line`; 1 when there is none any more. When nothing comes for too long while mirrors are in the array `asked`, the command is ended.
next_line() {
  local part mirror code signal=TERM
  line=
  while true; do
    code=0
    IFS= read -r -t "$patience" part || code=$?
    line+=$part
    if ((code <= 128)); then break; fi # else the time is over
    for mirror in "${asked[@]}"; do
      remember mirrors.silent "$mirror it did not answer for $patience seconds"
      kill -s "$signal" -- "-$(recall watched)" 2>/dev/null || true
      signal=KILL
    done
  done
  ((code == 0)) || [[ -n "$line" ]]
}
