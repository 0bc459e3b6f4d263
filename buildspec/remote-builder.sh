#!/usr/bin/env bash
# Finds a BuildKit daemon elsewhere: the one that has the layers of this image, or else the next one that works. Of whatever is wrong with a daemon,
# buildx says after 20 seconds that time is over. So curl asks first: it says at once what it is.
set -euo pipefail
source "${0%/*}/state.sh"
umask 077

certificates=$CACHED_BUILD_DIR/certificates

write_certificates() {
  mkdir -p "$certificates"
  write_pem ca.pem CERTIFICATE "${BUILDKIT_CA:-}" \
    || fail "the secret of DockerBuilder.remote() has no authority in its field for it (caField): put the certificate of the authority there, in PEM format"
  write_pem cert.pem CERTIFICATE "${BUILDKIT_CERT:-}" \
    || fail "the secret of DockerBuilder.remote() has no client certificate in its field for it (certField): put one there, in PEM format"
  write_pem key.pem '((RSA|EC) )?PRIVATE KEY' "${BUILDKIT_KEY:-}" \
    || fail "the secret of DockerBuilder.remote() has no private key in its field for it (keyField): put one without a password there, in PEM format"
}

# write_pem FILE KIND TEXT: 1 when the text holds nothing of the kind. The line ends of a text that went through a form or a shell may be spaces,
# or a backslash and an n.
write_pem() {
  local text=${3//\\n/$'\n'}
  sed -E 's/-----(BEGIN|END) [A-Z0-9 ]+-----/\n&\n/g' <<<"${text//$'\r'/}" | sed -E '/^-----/!s/[[:space:]]+/\n/g' | sed '/^$/d' >"$certificates/$1"
  grep -qE -e "^-----BEGIN $2-----$" "$certificates/$1"
}

# Where there is no openssl, it is the daemons that say it.
check_validity() {
  local end
  command -v openssl >/dev/null || return 0
  end=$(openssl x509 -in "$certificates/cert.pem" -noout -enddate 2>&1) || fail "the client certificate of DockerBuilder.remote() cannot be read: $end"
  end=${end#notAfter=}
  if ! openssl x509 -in "$certificates/cert.pem" -noout -checkend 0 >/dev/null; then
    fail "the client certificate of DockerBuilder.remote() has expired, on $end: put a new one and its key into the secret"
  elif ! openssl x509 -in "$certificates/cert.pem" -noout -checkend "$((14 * 24 * 60 * 60))" >/dev/null; then
    warn "the client certificate of DockerBuilder.remote() expires on $end, and builds fail from then on: put a new one and its key into the secret"
  fi
}

# ranked: the daemons, in the order of this image. A daemon that comes or goes changes the place of no other.
ranked() {
  local endpoint
  local -a endpoints
  read -ra endpoints <<<"$BUILDKIT_ENDPOINTS"
  for endpoint in "${endpoints[@]}"; do
    printf '%s %s\n' "$(printf '%s' "$IMAGE_REPOSITORY $IMAGE_PLAN_FILE $endpoint" | sha256sum | cut -d ' ' -f 1)" "$endpoint"
  done | sort | cut -d ' ' -f 2
}

# ask ENDPOINT: 1 with the reason, when curl knows one. With TLS 1.3 the reason could come after the connection has ended, and be lost.
ask() {
  local address=${1#tcp://} name code=0 text
  name=${BUILDKIT_SERVER_NAME:-${address%:*}}
  text=$(curl --disable --silent --show-error --noproxy '*' --connect-timeout 5 --max-time 10 --tls-max 1.2 --output "$CACHED_BUILD_DIR/daemon.body" \
    --cacert "$certificates/ca.pem" --cert "$certificates/cert.pem" --key "$certificates/key.pem" \
    --connect-to "$name:${address##*:}:$address" "https://$name:${address##*:}" 2>&1) || code=$?
  text=$(sed -nE '1s/^curl: \([0-9]+\) //p' <<<"${text//"$certificates/"/}")
  case "$code $text" in
    '0 '*) return 0 ;;
    '6 '*) printf 'its name is not known where the build runs' ;;
    '7 '* | '28 '*) printf 'it cannot be reached' ;;
    '58 '*) printf 'the client certificate cannot be used with its key' ;;
    *' alert unknown ca'*) printf 'it does not trust the authority of the client certificate' ;;
    '60 '*'verification failed'*) printf 'it takes the client certificate for expired' ;;
    *' alert '*certificate*) printf 'it does not take the client certificate' ;;
    '60 '*) printf 'its certificate is not one to trust' ;;
    *'wrong version number'*) printf 'it does not speak TLS' ;;
    *) return 0 ;; # what buildx makes of it counts
  esac
  printf ' (%s)' "$text"
  return 1
}

# connect ENDPOINT: 1 with the reason
connect() {
  local name=cached-docker-build
  local -a settings=(--driver-opt "cacert=$certificates/ca.pem" --driver-opt "cert=$certificates/cert.pem" --driver-opt "key=$certificates/key.pem")
  if [[ -n "${BUILDKIT_SERVER_NAME:-}" ]]; then settings+=(--driver-opt "servername=$BUILDKIT_SERVER_NAME"); fi
  docker buildx rm --force "$name" >/dev/null 2>&1 || true # of an earlier build on this machine
  if docker buildx create --name "$name" --driver remote "${settings[@]}" "$1" >"$CACHED_BUILD_DIR/daemon" 2>&1 \
    && timeout --kill-after=5 30 docker buildx inspect --bootstrap "$name" >"$CACHED_BUILD_DIR/daemon" 2>&1; then
    remember builder "$name"
  else
    printf 'buildx cannot use it (%s)' "$(grep '^ERROR' "$CACHED_BUILD_DIR/daemon" | tail -n 1 || true)"
    return 1
  fi
}

find_daemon() {
  local endpoint reason failure version
  local -a endpoints failures=()
  write_certificates
  check_validity
  mapfile -t endpoints < <(ranked)
  for endpoint in "${endpoints[@]}"; do
    if reason=$(ask "$endpoint") && reason=$(connect "$endpoint"); then
      for failure in "${failures[@]}"; do warn "$failure. Another one is used, which may have less of the layers"; done
      version=$(sed -nE 's/^BuildKit( version)?:[[:space:]]*//Ip' "$CACHED_BUILD_DIR/daemon" | head -n 1)
      remember builder.description "the remote BuildKit $endpoint, $version"
      printf 'builder: %s\n' "$(recall builder.description)"
      return
    fi
    failures+=("the remote BuildKit $endpoint cannot be used: $reason")
  done
  fail "no BuildKit of DockerBuilder.remote() can be used.$(printf '\n- %s' "${failures[@]}")"
}

already_there && exit 0
timed builder find_daemon
