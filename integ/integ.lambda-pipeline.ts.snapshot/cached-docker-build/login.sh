#!/usr/bin/env bash
# Logs in to the registries of the image and of its cache: for Docker and BuildKit in Docker's own configuration file,
# for curl in a file of this build.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/registry.sh"
umask 077

# The credential helper that CodeBuild's images have answers at once; the AWS CLI takes half a second to start.
# password_of HOST, which is <account>.dkr.ecr.<region>.amazonaws.com
password_of() {
  local secret
  if command -v docker-credential-ecr-login >/dev/null; then
    secret=$(AWS_ECR_DISABLE_CACHE=true docker-credential-ecr-login get <<<"$1" 2>/dev/null | jq -r '.Secret | strings' 2>/dev/null) || secret=
    if [[ -n "$secret" ]]; then
      printf '%s' "$secret"
      return
    fi
  fi
  aws ecr get-login-password --region "$(cut -d. -f4 <<<"$1")"
}

log_in() {
  local host cache_host password
  host=$(registry_host)
  password=$(password_of "$host") \
    || fail "no password for $host: the build's role needs ecr:GetAuthorizationToken, and the build a way to the ECR API"
  printf 'user = "AWS:%s"\n' "$password" >"$CACHED_BUILD_DIR/registry.curl"
  log_docker_in "$host" "$password"

  cache_host=$(sed -n 's/^type=registry,ref=\([^/]*\).*/\1/p' <<<"${CACHE_LOCATION:-}")
  if [[ -n "$cache_host" && "$cache_host" != "$host" ]]; then
    if password=$(password_of "$cache_host"); then
      log_docker_in "$cache_host" "$password"
    else
      warn "no password for $cache_host, where the layer cache is"
    fi
  fi
}

# log_docker_in HOST PASSWORD
log_docker_in() {
  local host=$1 password=$2 docker_config
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
