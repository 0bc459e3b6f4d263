#!/usr/bin/env bash
# Packages the library in .package/ for one language into dist/: python, java, dotnet or go. README and docstrings show their examples in that language,
# and each of them compiles. Where the tools of the language are missing, it says so and makes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
language=${1:?which language: python, java, dotnet or go}
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20

case $language in
  python) tools=(python3) ;;
  java) tools=(javac mvn) ;;
  dotnet) tools=(dotnet) ;;
  go) tools=(go) ;;
  *) printf 'No such language: %s. There are python, java, dotnet and go.\n' "$language" >&2; exit 2 ;;
esac
rm -rf "dist/$language"
for tool in "${tools[@]}"; do
  command -v "$tool" >/dev/null || { printf 'Skipped: there is no %s on this machine, so no package for %s is made.\n' "$tool" "$language"; exit 0; }
done
jsii-rosetta extract --strict .
# What is not in the tablet are examples of the CDK, in members that are inherited.
generate=(jsii-pacmak --target "$language" --outdir "$PWD/dist" --rosetta-tablet "$PWD/.jsii.tabl.json" --rosetta-unknown-snippets translate .package)
if [[ $language != go ]]; then
  "${generate[@]}"
  exit
fi

# What of npm the CDK is made of has other versions than the modules of Go, some of which do not exist. Go finds its own.
"${generate[@]}" --code-only
cd dist/go/*/
go mod edit -json | jq -r '.Require[] | select(.Indirect) | .Path' | while read -r module; do go mod edit -droprequire="$module"; done
go mod tidy
go build ./...
