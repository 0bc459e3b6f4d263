#!/usr/bin/env bash
# Logs in to the registry of the image: for Docker and BuildKit in Docker's own configuration file, for curl in a file of this build.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/registry.sh"
umask 077

log_in() {
  local host region password docker_config
  host=$(registry_host)
  region=$(cut -d. -f4 <<<"$host") # <account>.dkr.ecr.<region>.amazonaws.com
  password=$(aws ecr get-login-password --region "$region") \
    || fail "no password for $host: the build's role needs ecr:GetAuthorizationToken, and the build a way to the ECR API"

  printf 'user = "AWS:%s"\n' "$password" >"$CACHED_BUILD_DIR/registry.curl"

  # Written as `docker login` would, but without an engine, and beside whatever else is logged in.
  docker_config="${DOCKER_CONFIG:-$HOME/.docker}/config.json"
  mkdir -p "$(dirname "$docker_config")"
  [[ -s "$docker_config" ]] || printf '{}' >"$docker_config"
  jq --arg host "$host" --rawfile password <(printf '%s' "$password") \
    '.auths[$host].auth = ("AWS:" + $password | @base64) | if .credsStore then .credHelpers[$host] = "" else del(.credHelpers[$host]?) end' \
    "$docker_config" >"$CACHED_BUILD_DIR/config.json"
  cat "$CACHED_BUILD_DIR/config.json" >"$docker_config"
  chmod 600 "$docker_config"
  rm "$CACHED_BUILD_DIR/config.json"
}

microseconds >"$CACHED_BUILD_DIR/started"
timed login log_in
