#!/usr/bin/env bash
# Compiles the snippets of README.md and of the guides in docs/ against the compiled library. jsii-rosetta reads one page of a package,
# so it is given a copy of the assembly in which they are one.
set -euo pipefail
cd "$(dirname "$0")/.."
package=$(mktemp -d)
trap 'rm -rf "$package"' EXIT

for file in *; do ln -s "$PWD/$file" "$package/$file"; done
cat docs/*.md >"$package/guides.txt"
jq --rawfile guides "$package/guides.txt" '.readme.markdown += "\n" + $guides' .jsii >"$package/.jsii"
jsii-rosetta extract --compile --fail --strict "$package"
