#!/usr/bin/env bash
# Builds kaniko's executor into a directory: build.sh DIRECTORY. Needs Go 1.21 or later, which gets itself the Go of kaniko's go.mod.
set -euo pipefail
cd "$(dirname "$0")"
version=1.28.3
from=$PWD

source=$(mktemp -d "$1/source-XXXXXX")
trap 'rm -rf "$source"' EXIT
tar --extract --gzip --file "kaniko-$version.tar.gz" --directory "$source" --strip-components 1
cd "$source"
GIT_CEILING_DIRECTORIES=${source%/*} git apply "$from/without-acr.patch"
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$1/" -ldflags "-s -w \
  -X github.com/osscontainertools/kaniko/pkg/version.version=v$version" ./cmd/executor
