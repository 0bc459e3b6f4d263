#!/usr/bin/env bash
# Logs in to the registries of base images and of their mirrors, if there is something to build.
set -euo pipefail
source "${0%/*}/state.sh"
source "${0%/*}/registry.sh"
source "${0%/*}/passwords.sh"
umask 077

log_in() {
  local host password index
  local -a hosts
  read -ra hosts <<<"${REGISTRY_ECR_HOSTS:-}"
  for host in "${hosts[@]}"; do
    if [[ "$host" == "$(registry_host)" || "$host" == "$(cache_registry)" ]]; then continue; fi # logged in before
    if password=$(password_of "$host"); then
      log_docker_in "$host" AWS "$password"
    else
      warn "no password for $host, where base images are"
    fi
  done

  read -ra hosts <<<"${REGISTRY_HOSTS:-}"
  for index in "${!hosts[@]}"; do log_in_with_secret "${hosts[index]}" "REGISTRY_USERNAME_$index" "REGISTRY_PASSWORD_$index"; done
}

# log_in_with_secret HOST USERNAME_VARIABLE PASSWORD_VARIABLE
log_in_with_secret() {
  local host=$1 username=${!2:-} password=${!3:-}
  if [[ -z "$username" || -z "$password" ]]; then
    fail "the secret for $host has no user or no password: fill its fields, or name others in the declaration"
  fi
  if [[ "$host" == docker.io ]]; then host=https://index.docker.io/v1/; fi # as Docker has called it ever since
  log_docker_in "$host" "$username" "$password"
}

already_there && exit 0
timed 'login base images' log_in
