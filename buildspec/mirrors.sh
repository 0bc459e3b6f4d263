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
  local mirror version
  [[ -n "$(mirrors)" ]] || return 0
  version=$(builder_version "$1") || version=
  # Numbers only are counted with: of other text, bash would take a part for the name of a variable, and evaluate what that one holds.
  if [[ "$version" =~ ^'Docker '([0-9]{1,9})([^0-9A-Za-z]|$) ]]; then
    if ((10#${BASH_REMATCH[1]} >= 25)); then return; fi
  elif [[ "$version" =~ ^'BuildKit '([0-9]{1,9})\.([0-9]{1,9})([^0-9A-Za-z]|$) ]]; then
    if ((10#${BASH_REMATCH[1]} > 0 || 10#${BASH_REMATCH[2]} >= 12)); then return; fi
  else
    version='a version that it does not say'
  fi
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
  # A step that ran and failed may have called the host of a mirror for something else, such as packages.
  if [[ "$error" == *' did not complete successfully: exit code: '* ]]; then return 1; fi
  # The image may go to the very registry of a mirror.
  error=${error//"$IMAGE_REPOSITORY"/}
  error=${error//"//${IMAGE_REPOSITORY%%/*}/v2/${IMAGE_REPOSITORY#*/}/"/}
  error+=$(failed_steps)
  while IFS= read -r mirror; do
    endpoint=${mirror#*=}
    host=${endpoint%%/*}
    # BuildKit names the image as the Dockerfile does, the name that it has in the mirror, or the request to the mirror. Another address there,
    # such as that of a file, is no matter of the mirror.
    for name in {'failed to resolve source metadata for ','load metadata for '}"${mirror%%=*}/" {' ','"',docker-image://}"$endpoint/" "//$host/v2${endpoint#"$host"}/"; do
      if [[ "$error" == *"$name"* ]]; then
        printf '%s' "$mirror"
        return 0
      fi
    done
  done < <(closest_first)
  if [[ "$error" =~ $broken_download ]]; then
    used_mirror
  else
    [[ "$error" == *'failed to push '* ]] && unfinished_downloads | mirror_of_steps
  fi
}

# closest_first: the mirrors, so that of two in one registry the one with the longer path is met first
closest_first() { mirrors | awk -F = '{ print length($2), $0 }' | sort -rns | cut -d ' ' -f 2; }

# Of a layer, BuildKit says whose it was only when the registry itself refuses it: not when the registry leads to another host, as Amazon ECR
# leads to Amazon S3, and that one fails, nor when something else came.
broken_download='httpReadSeeker: failed open|short read: expected|unexpected commit digest'

# used_mirror: the mirror that the base image of a stage which failed came from, or else any other image. With several, one after the other is given up.
used_mirror() {
  local stage images
  images=$(show_progress <"$CACHED_BUILD_DIR/build.progress" | grep -E '^#[0-9]+ .*(FROM |docker-image://)') || return 1
  while IFS= read -r stage; do
    if grep -F -- "$stage" <<<"$images" | mirror_of_steps; then return; fi
  done < <(failed_steps | sed -nE 's/^#[0-9]+ (\[([^]]* )?)[0-9]+\/[0-9]+\] .*/\11\//p'; printf '\n')
  return 1
}

# mirror_of_steps: the mirror that one of the steps in the input takes its image from
mirror_of_steps() {
  local steps mirror
  steps=$(cat)
  while IFS= read -r mirror; do
    if grep -qF -e "FROM ${mirror#*=}/" -e "docker-image://${mirror#*=}/" <<<"$steps"; then
      printf '%s' "$mirror"
      return
    fi
  done < <(closest_first)
  return 1
}

# unfinished_downloads: the name of each step with a layer that did not come. BuildKit fetches those that no step reads when it pushes, and what their
# registry says then looks as if it were said by the one that the image goes to.
unfinished_downloads() {
  # shellcheck disable=SC2016 # the variables are jq's
  jq -nRr '[inputs | fromjson? | objects] as $events
    | (reduce ($events[].vertexes | arrays[]) as $step ({}; .[$step.digest] = $step.name)) as $names
    | reduce ($events[].statuses | arrays[] | select(.id | startswith("sha256:"))) as $layer ({}; .["\($layer.vertex) \($layer.id)"] = $layer)
    | .[] | select(.completed == null) | $names[.vertex] | strings' "$CACHED_BUILD_DIR/build.progress"
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
  local mirror reason
  until "$@"; do
    read -r mirror reason <<<"$(recall mirrors.silent)"
    if [[ -z "$mirror" ]]; then
      mirror=$(failed_mirror) || return 1
      reason=$(build_error)
    fi
    remember mirrors.silent ''
    give_up_mirror "$mirror" "$reason"
  done
}

# mirrored IMAGE: where it comes from, if its registry has a mirror
mirrored() {
  local mirror name
  mirror=$(mirror_of "$1")
  if [[ -z "$mirror" ]]; then
    printf '%s' "$1"
    return
  fi
  name=$(full_name "$1")
  printf '%s/%s' "${mirror#*=}" "${name#*/}"
}

# mirror_of IMAGE: the mirror of its registry, if there is one
mirror_of() {
  local mirror name
  name=$(full_name "$1")
  while IFS= read -r mirror; do
    if [[ "${mirror%%=*}" == "${name%%/*}" ]]; then printf '%s' "$mirror"; fi
  done < <(mirrors)
}

# full_name IMAGE: with the registry, which Docker lets one leave out
full_name() {
  local name=$1
  if [[ "$name" != */* ]]; then name=library/$name; fi
  if [[ "${name%%/*}" != *[.:]* && "${name%%/*}" != localhost ]]; then name=docker.io/$name; fi
  printf '%s' "$name"
}
