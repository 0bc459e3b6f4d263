#!/usr/bin/env bash
# Runs inside the namespaces isolate.ts made: gives them a loopback of their own and the world's names and trust.
# Stays the first process of its PID namespace, so that orphans of the servers are collected.
# In there, the world lies at the same place and files have the same modes wherever this project is and whoever runs it, since builds show both.
set -euo pipefail
world=$1
shift
umask 022

ip link set lo up
mount --bind "$world/hosts" /etc/hosts
mount --bind "$world/trust.pem" /etc/ssl/certs/ca-certificates.crt
mount -t tmpfs -o mode=755 world /run
mkdir /run/world
mount --bind "$world" /run/world
# where the Docker client looks for its plugins, as the build images of CodeBuild have it
mkdir -p /usr/local/lib
mount -t overlay -o lowerdir=/run/world/local-lib:/usr/local/lib world /usr/local/lib

"$@" && code=0 || code=$?
exit "$code"
