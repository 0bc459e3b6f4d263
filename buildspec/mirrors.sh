# shellcheck shell=bash
# Base images from mirrors, by a source policy: with each solve, BuildKit is told which registry stands for which. It holds for whatever a
# Dockerfile names, in every BuildKit, wherever it runs. What a mirror cannot give is then an error of the build, never a silent detour.

# mirrors: each mirror that is in use, as <registry>=<endpoint>, one a line
mirrors() {
  local mirror
  local -a all
  read -ra all <<<"${IMAGE_MIRRORS:-}"
  for mirror in "${all[@]}"; do
    if [[ " $(recall mirrors.failed) " != *" $mirror "* ]]; then printf '%s\n' "$mirror"; fi
  done
}

# use_mirrors: for all solves that follow in this shell
use_mirrors() {
  unset EXPERIMENTAL_BUILDKIT_SOURCE_POLICY
  [[ -n "$(mirrors)" ]] || return 0
  mirrors | jq -nR '{ rules: [inputs | split("=") | {
    action: "CONVERT",
    selector: { identifier: "docker-image://\(.[0])/*" },
    updates: { identifier: "docker-image://\(.[1])/${1}" }
  }] }' >"$CACHED_BUILD_DIR/mirrors.json"
  export EXPERIMENTAL_BUILDKIT_SOURCE_POLICY=$CACHED_BUILD_DIR/mirrors.json
}

# give_up_mirror MIRROR REASON
give_up_mirror() {
  if [[ -n "${IMAGE_MIRRORS_REQUIRED:-}" ]]; then
    fail "the mirror ${1#*=} of ${1%%=*} failed, and the builder was declared with fallbackToUpstream: false: $2"
  fi
  warn "the mirror ${1#*=} of ${1%%=*} failed, base images come from ${1%%=*} itself: $2"
  remember mirrors.failed "$(recall mirrors.failed)$1 "
  use_mirrors
}

# check_mirrors BUILDER: older BuildKits look images up in their own registry first (0.11), or know nothing of a policy at all
check_mirrors() {
  local mirror version major minor
  [[ -n "$(mirrors)" ]] || return 0
  version=$(builder_version "$1") || version=
  IFS=' .' read -r _ major minor _ <<<"${version//[^A-Za-z0-9 .]/.}"
  case "$version" in
    'Docker '[0-9]*) if ((major >= 25)); then return; fi ;;
    'BuildKit '[0-9]*.[0-9]*) if ((major > 0 || minor >= 12)); then return; fi ;;
    *) version='a version that it does not say' ;;
  esac
  while IFS= read -r mirror; do
    give_up_mirror "$mirror" "mirrors need BuildKit 0.12, which Docker 25.0 has, and the builder has $version"
  done < <(mirrors)
}

# check_client: for `docker build`. An older client hands no policy over, not even to the newer engine of a Docker server
check_client() {
  local mirror version
  [[ -n "$(mirrors)" ]] || return 0
  version=$(docker version --format '{{.Client.Version}}' 2>/dev/null) || version=
  if [[ "${version%%.*}" =~ ^[0-9]+$ && "${version%%.*}" -ge 25 ]]; then return; fi
  while IFS= read -r mirror; do
    give_up_mirror "$mirror" "mirrors need the client of Docker 25.0, and the build image has ${version:-one that does not say its version}"
  done < <(mirrors)
}

# builder_version BUILDER: of an engine, its own; what it says of the BuildKit inside depends on who has made it
builder_version() {
  if [[ "$1" == default ]]; then
    docker version --format 'Docker {{.Server.Version}}' 2>/dev/null
  else
    docker buildx inspect "$1" 2>/dev/null | sed -nE 's/^BuildKit( version)?:[[:space:]]*v?/BuildKit /Ip' | head -n 1
  fi
}

# failed_mirror: the mirror that the error of the last build is about; 1 when it is about something else
failed_mirror() {
  local error mirror endpoint host name
  error=$(build_error)
  if [[ "$error" == *'failed to push '* ]]; then return 1; fi # the image may go to the very registry of a mirror
  error+=$(failed_steps)
  while IFS= read -r mirror; do
    endpoint=${mirror#*=}
    host=${endpoint%%/*}
    # BuildKit names the image as the Dockerfile does, the name that it has in the mirror, or the request to the mirror.
    for name in "failed to resolve source metadata for ${mirror%%=*}/" "load metadata for ${mirror%%=*}/" "$endpoint/" "//$host/v2${endpoint#"$host"}/"; do
      if [[ "$error" == *"$name"* ]]; then
        printf '%s' "$mirror"
        return 0
      fi
    done
  done < <(mirrors)
  [[ "$error" =~ $broken_download ]] && used_mirror
}

# Of a layer, BuildKit says whose it was only when the registry itself refuses it: not when the registry leads to another host, as Amazon ECR
# leads to Amazon S3, and that one fails, nor when something else came.
broken_download='httpReadSeeker: failed open|short read: expected|unexpected commit digest'

# used_mirror: the mirror that the base image of a stage which failed came from, or else any other image. With several, one after the other is given up.
used_mirror() {
  local mirror stage images
  images=$(show_progress <"$CACHED_BUILD_DIR/build.progress" | grep -E '^#[0-9]+ .*(FROM |docker-image://)') || return 1
  while IFS= read -r stage; do
    while IFS= read -r mirror; do
      if grep -F -- "$stage" <<<"$images" | grep -qF -e "FROM ${mirror#*=}/" -e "docker-image://${mirror#*=}/"; then
        printf '%s' "$mirror"
        return
      fi
    done < <(mirrors)
  done < <(failed_steps | sed -nE 's/^#[0-9]+ (\[([^]]* )?)[0-9]+\/[0-9]+\] .*/\11\//p'; printf '\n')
  return 1
}

# build_error: the last word of a build that failed
build_error() { grep '^ERROR' "$CACHED_BUILD_DIR/build.progress" | tail -n 1 || true; }

# failed_steps: the name of each step that failed. Of a login that was refused, BuildKit says nowhere else which image it was for.
failed_steps() {
  show_progress <"$CACHED_BUILD_DIR/build.progress" \
    | awk '/^#[0-9]+ \[/ { name[$1] = $0 } /^#[0-9]+ ERROR: / && !/context canceled$/ { print name[$1] }'
}

# with_mirrors COMMAND...: runs it again without the mirror that it failed at, as long as there is one
with_mirrors() {
  local mirror
  until "$@"; do
    mirror=$(failed_mirror) || return 1
    give_up_mirror "$mirror" "$(build_error)"
  done
}

# mirrored IMAGE: where it comes from, if its registry has a mirror
mirrored() {
  local name=$1 mirror
  if [[ "$name" != */* ]]; then name=library/$name; fi
  if [[ "${name%%/*}" != *[.:]* && "${name%%/*}" != localhost ]]; then name=docker.io/$name; fi
  while IFS= read -r mirror; do
    if [[ "${mirror%%=*}" == "${name%%/*}" ]]; then
      printf '%s/%s' "${mirror#*=}" "${name#*/}"
      return
    fi
  done < <(mirrors)
  printf '%s' "$1"
}
