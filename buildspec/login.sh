#!/usr/bin/env bash
# Logs in to the registries of the image and of its cache: for Docker and BuildKit in Docker's own configuration file,
# for curl in a file of this build.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/registry.sh"
source "${0%/*}/passwords.sh"
umask 077

log_in() {
  local host cache_host password
  host=$(registry_host)
  password=$(password_of "$host") \
    || fail "no password for $host: the build's role needs ecr:GetAuthorizationToken, and the build a way to the ECR API"
  printf 'user = "AWS:%s"\n' "$password" >"$CACHED_BUILD_DIR/registry.curl"
  log_docker_in "$host" AWS "$password"

  cache_host=$(cache_registry)
  if [[ -n "$cache_host" && "$cache_host" != "$host" ]]; then
    if password=$(password_of "$cache_host"); then
      log_docker_in "$cache_host" AWS "$password"
    else
      warn "no password for $cache_host, where the layer cache is"
    fi
  fi
}

microseconds >"$CACHED_BUILD_DIR/started"
timed login log_in
