#!/usr/bin/env bash
# Builds the programs go.mod names into a directory: build-tools.sh DIRECTORY. Needs Go 1.21 or later, which gets itself the Go of go.mod.
set -euo pipefail
cd "$(dirname "$0")"

version() { go list -m -f '{{.Version}}' "$1"; }
buildkit=$(version github.com/moby/buildkit)
buildx=$(version github.com/docker/buildx)
docker=$(version github.com/docker/cli)
docker=${docker#v}

CGO_ENABLED=0 go build -trimpath -o "$1/" -ldflags "-s -w \
  -X github.com/moby/buildkit/version.Version=$buildkit \
  -X github.com/docker/buildx/version.Version=$buildx \
  -X github.com/docker/cli/cli/version.Version=${docker%%+*}" tool
