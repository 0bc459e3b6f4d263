#!/usr/bin/env bash
# Finds a BuildKit: one given from outside, the running engine's own where it can be used, that of an engine started beside it,
# or a container of a pinned version. A way that does not work is said and the next one tried; only when none is left the build fails.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/mirrors.sh"
source "${0%/*}/buildx.sh"

# use NAME DESCRIPTION
use() {
  remember builder "$1"
  remember builder.description "$2"
  printf 'builder: %s\n' "$2"
}

given_builder() {
  [[ -n "${BUILDX_BUILDER:-}" ]] || return 1
  if docker buildx inspect --bootstrap "$BUILDX_BUILDER" >/dev/null; then
    use "$BUILDX_BUILDER" "given in BUILDX_BUILDER, $BUILDX_BUILDER"
    if [[ -n "${BUILDKIT_CONFIG:-}${BUILDKIT_MAX_PARALLELISM:-}" ]]; then
      warn "the builder '$BUILDX_BUILDER' has settings of its own: config and maxParallelism do not reach it"
    fi
  else
    warn "the builder '$BUILDX_BUILDER' given in BUILDX_BUILDER does not answer, another one is used"
    return 1
  fi
}

# With Docker's classic image store the engine's BuildKit exports no cache, and a push makes it unpack the whole image first.
has_containerd_store() {
  local store
  store=$(docker info --format '{{range .DriverStatus}}{{index . 1}} {{end}}' 2>/dev/null) || return 1
  [[ "$store" == *io.containerd.snapshotter.* ]]
}

# An engine's own BuildKit keeps layers in registries, and nowhere else, and takes none of BuildKit's own settings.
engine_will_do() { [[ "${CACHE_LOCATION:-type=registry}" == type=registry* && -z "${BUILDKIT_CONFIG:-}${BUILDKIT_MAX_PARALLELISM:-}" ]]; }

running_engine() {
  engine_will_do && has_containerd_store || return 1
  use default "the Docker engine's own BuildKit, $(docker version --format '{{.Server.Version}}')"
}

# shares_network: whether a RUN may have the network of the machine. CodeBuild's engine listens at a port of it, too, and does what anyone there
# tells it, such as to read the credentials of the build's role. The build itself uses the socket.
shares_network() {
  local reason
  if [[ -z "${engine_port:-}" ]]; then
    engine_port=closed
    if ! reason=$(close_engine_port); then
      engine_port=open
      warn "a RUN with the network of the build machine could use the Docker engine at its port 2375, $reason: no engine is started beside it, and" \
        'a container of BuildKit gets a network of its own'
    fi
  fi
  [[ "$engine_port" == closed ]]
}

# close_engine_port: 1 with the reason when something still listens there, or may do so
close_engine_port() {
  local text
  local -a rule=(OUTPUT -o lo -p tcp --dport 2375 -j REJECT)
  if engine_port_refuses; then return; fi
  if [[ "${DOCKER_HOST:-}" == tcp://*:2375* ]]; then
    printf 'which the build uses itself'
    return 1
  fi
  if ! iptables --wait --check "${rule[@]}" >/dev/null 2>&1 && ! text=$(iptables --wait --insert "${rule[@]}" 2>&1); then
    printf 'since no firewall rule can be set (%s)' "${text//$'\n'/ }"
    return 1
  fi
  if ! engine_port_refuses; then
    printf 'which is open in spite of a firewall rule'
    return 1
  fi
}

# engine_port_refuses: only what says so itself is closed. Who does not answer in time may do so later.
engine_port_refuses() { [[ "$(timeout 5 bash -c ': <>/dev/tcp/127.0.0.1/2375' 2>&1)" == *': Connection refused'* ]]; }

# CodeBuild starts its engine with the classic store. A second engine with the other store is there in about a second;
# a container of BuildKit would have to be pulled first. It gets no network of its own: builds use that of the machine. Its bridge is that of the
# running engine, which it leaves as it is: an engine that is told to have none removes it.
engine_beside() {
  local root directory run
  engine_will_do || return 1
  command -v dockerd >/dev/null || return 1
  # Below the data of the running engine, since that is no overlay, on which another overlay could not stand.
  root=$(docker info --format '{{.DockerRootDir}}' 2>/dev/null) || return 1
  shares_network || return 1
  directory=$(mktemp -d "$root/cached-docker-build.XXXXXX" 2>/dev/null) || return 1
  run=$(mktemp -d /tmp/docker.XXXXXX) # short, as the path of a socket has to be
  jq -n --arg data "$directory" --arg run "$run" '{
    "features": { "containerd-snapshotter": true }, "storage-driver": "overlayfs",
    "data-root": $data, "exec-root": "\($run)/exec", "pidfile": "\($run)/pid", "hosts": ["unix://\($run)/docker.sock"],
    "iptables": false, "ip6tables": false, "ip-forward": false
  }' >"$run/daemon.json"
  dockerd --config-file "$run/daemon.json" --containerd-namespace cached-docker-build \
    --containerd-plugins-namespace cached-docker-build-plugins </dev/null >"$CACHED_BUILD_DIR/engine.log" 2>&1 &

  export DOCKER_HOST=unix://$run/docker.sock
  if answers $! && has_containerd_store; then
    remember docker.host "$DOCKER_HOST"
    use default "a Docker engine beside the running one, $(docker version --format '{{.Server.Version}}')"
    disown
    return
  fi
  unset DOCKER_HOST
  warn "no engine could be started beside the running one: $(tail -n 1 "$CACHED_BUILD_DIR/engine.log")"
  kill %% 2>/dev/null || true
  return 1
}

# answers PROCESS: asks the engine at DOCKER_HOST as long as it lives, a hundred times at most, which is some ten seconds
answers() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    if docker version >/dev/null 2>&1; then return 0; fi
    kill -0 "$1" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

container() {
  local image code=0 reason='the reason stands above'
  image=$(mirrored "$BUILDKIT_IMAGE")
  if [[ "$image" != "$BUILDKIT_IMAGE" ]]; then
    # The engine, too, waits for an answer as long as it takes.
    create_container "$image" timeout 180 || code=$?
    if ((code == 0)); then return; fi
    docker version >/dev/null || return 1 # without an engine, it is no matter of the mirror
    if ((code == 124)); then reason='it was not there after 180 seconds'; fi
    give_up_mirror "$(mirror_of "$BUILDKIT_IMAGE")" "no container of $image could be started, $reason"
  fi
  create_container "$BUILDKIT_IMAGE"
}

# create_container IMAGE [COMMAND...]: the command limits it
create_container() {
  local name=cached-docker-build image=$1
  shift
  local -a settings=()
  if shares_network; then settings+=(--driver-opt network=host); fi
  if [[ -n "${BUILDKIT_CONFIG:-}" ]]; then
    printf '%s\n' "$BUILDKIT_CONFIG" >"$CACHED_BUILD_DIR/buildkitd.toml"
    settings+=(--buildkitd-config "$CACHED_BUILD_DIR/buildkitd.toml")
  fi
  if [[ -n "${BUILDKIT_MAX_PARALLELISM:-}" ]]; then settings+=(--buildkitd-flags "--oci-max-parallelism=$BUILDKIT_MAX_PARALLELISM"); fi
  # A machine that is kept has the one of an earlier build, perhaps with another image and other settings; what that one knew is of use.
  docker buildx rm --force --keep-state "$name" >/dev/null 2>&1 || true
  docker rm --force "buildx_buildkit_${name}0" >/dev/null 2>&1 || true
  "$@" docker buildx create --name "$name" --driver docker-container \
    --driver-opt "image=$image" "${settings[@]}" --bootstrap || return
  use "$name" "a container of $image"
}

start_builder() {
  given_builder || running_engine || engine_beside || container && return
  require_buildx
  fail "no BuildKit could be started. The build needs privileged mode, a build image with Docker and buildx," \
    "and a way to pull $BUILDKIT_IMAGE (DockerBuilder.buildKit({ image }) names another)"
}

already_there && exit 0
timed builder start_builder
