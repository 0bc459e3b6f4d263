#!/usr/bin/env bash
# Gives the files of the context what an artifact's zip may have lost: the executable bit, symbolic links and empty folders.
# All other modes become those of a git checkout, so that the image depends on the files and not on the machine that synthesized.
set -euo pipefail
source "${0%/*}/state.sh"

restore() {
  local index
  local -a values directories=() links=() places=() executables=()
  # In one go, since each start of jq counts: where the files are and whether they come from the assembly, then for each path what it is
  # and what it leads to. All ended by NUL, since a file's name can hold anything else.
  jq -j '([.context, (.dockerfileContent != null | tostring), ""], (.emptyDirectories[] | ["directory", ., ""]), (.executables[] | ["executable", ., ""]),
    (.links | to_entries[] | ["link", .key, .value])) | .[] | ., "\u0000"' "$CACHED_BUILD_DIR/plan.json" >"$CACHED_BUILD_DIR/context.values"
  mapfile -d '' -t values <"$CACHED_BUILD_DIR/context.values"
  if [[ "${values[1]}" != true ]]; then return; fi # a source, whose modes are git's already
  mkdir -p "$CODEBUILD_SRC_DIR/${values[0]}" # a context without files is an empty folder, and lost with it
  cd "$CODEBUILD_SRC_DIR/${values[0]}"

  for ((index = 3; index < ${#values[@]}; index += 3)); do
    case "${values[index]}" in
      directory) directories+=("${values[index + 1]}") ;;
      executable) executables+=("${values[index + 1]}") ;;
      link)
        links+=("${values[index + 2]}" "${values[index + 1]}")
        places+=("${values[index + 1]}")
        if [[ "${values[index + 1]}" == */* ]]; then directories+=("${values[index + 1]%/*}"); fi
        ;;
    esac
  done
  each "${places[@]}" | xargs -0 --no-run-if-empty rm -rf --
  each "${directories[@]}" | xargs -0 --no-run-if-empty mkdir -p --
  each "${links[@]}" | xargs -0 --no-run-if-empty -n 2 ln -s --
  chmod -R u=rwX,go=rX .
  find . -type f -perm /111 -exec chmod a-x {} +
  each "${executables[@]}" | xargs -0 --no-run-if-empty chmod a+x --
}

# each VALUE...: ended by NUL, and nothing for no value
each() { if (($# > 0)); then printf '%s\0' "$@"; fi; }

already_there && exit 0
timed context restore
