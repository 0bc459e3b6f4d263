# shellcheck shell=bash
# Passwords of registries, and where Docker and BuildKit look for them. Whoever reads this sets the umask, so that nobody else can.

# The credential helper that CodeBuild's images have answers at once; the AWS CLI takes half a second to start.
# password_of HOST, which is <account>.dkr.ecr.<region>.amazonaws.com or <account>.dkr-ecr.<region>.on.aws
password_of() {
  local secret
  if command -v docker-credential-ecr-login >/dev/null; then
    secret=$(AWS_ECR_DISABLE_CACHE=true docker-credential-ecr-login get <<<"$1" 2>/dev/null | jq -r '.Secret | strings' 2>/dev/null) || secret=
    if [[ -n "$secret" ]]; then
      printf '%s' "$secret"
      return
    fi
  fi
  aws ecr get-login-password --region "$(sed -E 's/^[^.]*\.dkr[.-]ecr(-fips)?\.([^.]*).*/\2/' <<<"$1")"
}

# log_docker_in HOST USER PASSWORD
log_docker_in() {
  local host=$1 user=$2 password=$3 docker_config
  # Written as `docker login` would, but without an engine, and beside whatever else is logged in.
  docker_config="${DOCKER_CONFIG:-$HOME/.docker}/config.json"
  mkdir -p "$(dirname "$docker_config")"
  [[ -s "$docker_config" ]] || printf '{}' >"$docker_config"
  jq --arg host "$host" --rawfile login <(printf '%s:%s' "$user" "$password") \
    '.auths[$host].auth = ($login | @base64) | if .credsStore then .credHelpers[$host] = "" else del(.credHelpers[$host]?) end' \
    "$docker_config" >"$CACHED_BUILD_DIR/config.json"
  cat "$CACHED_BUILD_DIR/config.json" >"$docker_config"
  chmod 600 "$docker_config"
  rm "$CACHED_BUILD_DIR/config.json"
}

# cache_registry: the host of the repository that the layer cache has to itself, if it has
cache_registry() { sed -n 's/^type=registry,ref=\([^/]*\).*/\1/p' <<<"${CACHE_LOCATION:-}"; }
