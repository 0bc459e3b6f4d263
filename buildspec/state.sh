# shellcheck shell=bash
# What the scripts of one build tell each other: small files in $CACHED_BUILD_DIR, one fact each, and the time of each phase.

export LC_ALL=C # a range such as a-z is the same everywhere

remember() { printf '%s' "$2" >"$CACHED_BUILD_DIR/$1"; }

# Without a program, since kaniko lays those aside.
recall() { if [[ -e "$CACHED_BUILD_DIR/$1" ]]; then printf '%s' "$(<"$CACHED_BUILD_DIR/$1")"; fi; }

# The tag was in the registry before the build, so there is nothing to build.
already_there() { [[ "$(recall result)" == 'already there' ]]; }

fail() {
  printf '\nERROR: %s\n\n' "$*" >&2
  exit 1
}

warn() { printf 'WARNING: %s\n' "$*" >&2; }

microseconds() { printf '%s' "${EPOCHREALTIME/[.,]/}"; }

# timed PHASE COMMAND...: once a script; the phase stands in the report, however the command ends
timed() {
  phase=$1
  phase_started=$(microseconds)
  shift
  trap record_phase EXIT
  "$@"
}

record_phase() { printf '%s %s\n' "$phase" "$(($(microseconds) - phase_started))" >>"$CACHED_BUILD_DIR/phases"; }

# Shows what BuildKit does as it does it. A display that fails must not end the build that it shows.
show_progress() { jq --unbuffered -nRrf "${0%/*}/progress.jq" || cat; }

# plan FILTER: a value of the build plan, as jq prints it
plan() { jq -r "$1" "$CACHED_BUILD_DIR/plan.json"; }
