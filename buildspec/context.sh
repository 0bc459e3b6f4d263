#!/usr/bin/env bash
# Gives the files of the context what an artifact's zip may have lost: the executable bit, symbolic links and empty folders.
# All other modes become those of a git checkout, so that the image depends on the files and not on the machine that synthesized.
set -euo pipefail
source "${0%/*}/state.sh"

# each FILTER: the strings that the filter yields, each ended by NUL, since a file's name can hold anything else
each() { jq -j "$1"' | ., "\u0000"' "$CACHED_BUILD_DIR/plan.json"; }

restore() {
  mkdir -p "$CODEBUILD_SRC_DIR/$(plan .context)" # a context without files is an empty folder, and lost with it
  cd "$CODEBUILD_SRC_DIR/$(plan .context)"
  each '.emptyDirectories[]' | xargs -0 --no-run-if-empty mkdir -p --
  each '.links | keys[]' | xargs -0 --no-run-if-empty rm -rf --
  each '.links | keys[] | split("/")[:-1] | select(. != []) | join("/")' | xargs -0 --no-run-if-empty mkdir -p --
  each '.links | to_entries[] | .value, .key' | xargs -0 --no-run-if-empty -n 2 ln -s --
  chmod -R u=rwX,go=rX .
  find . -type f -perm /111 -exec chmod a-x {} +
  each '.executables[]' | xargs -0 --no-run-if-empty chmod a+x --
}

already_there && exit 0
is_staged || exit 0 # the modes of a source are git's already
timed context restore
