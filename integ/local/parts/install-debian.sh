#!/usr/bin/env bash
# Installs what the harness needs and only Debian's packages can give. Needs root; running it again changes nothing.
# With --missing it only prints the packages it would install, and needs no root; with --with-browser it installs what looks at pages, too.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive
packages=(
  ca-certificates curl debian-archive-keyring git gzip iproute2 iptables
  jq openssl python3 python3-venv tar unzip util-linux zip
)
# other packages give these too (busybox, and containerd.io of Docker), and would have to go
command -v busybox >/dev/null || packages+=(busybox-static)
command -v runc >/dev/null || packages+=(runc)

[[ "${1-}" != --with-browser ]] || packages+=(chromium)

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done

if [[ "${1-}" == --missing ]]; then
  echo "${missing[*]}"
  exit
fi
# A machine that has just been started may be at its own updates, and hold their lock. Where nothing is missing, old lists will do.
for pause in 5 10 20 0; do
  if apt-get update --quiet; then break; fi
  sleep "$pause"
done
if ((${#missing[@]} > 0)); then
  apt-get install -o DPkg::Lock::Timeout=300 --yes --quiet --no-install-recommends --no-remove "${missing[@]}"
fi
echo "installed: ${missing[*]:-nothing, all of it was there}"
