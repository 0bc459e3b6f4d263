#!/usr/bin/env bash
# Installs what the harness needs and only Debian's packages can give. Needs root; running it again changes nothing.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive
packages=(
  busybox-static ca-certificates curl debian-archive-keyring git gzip iproute2 iptables
  jq openssl python3 python3-venv runc tar unzip util-linux zip
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done

apt-get update --quiet
if ((${#missing[@]} > 0)); then
  apt-get install --yes --quiet --no-install-recommends "${missing[@]}"
fi
echo "installed: ${packages[*]}"
