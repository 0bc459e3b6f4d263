#!/usr/bin/env bash
# A fresh CDK app, which is the first success of README.md, with the library as it will be published: for the lowest aws-cdk-lib and the newest.
# Also checks what the package holds.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$root"
npm pack --silent --pack-destination "$work" >/dev/null
tarball=$(echo "$work"/*.tgz)

tar --list --file "$tarball" | sed 's|^package/||' | sort >"$work/files"
unwanted=$(grep -vE '^(build/.*\.(js|d\.ts)|bundle/cached-docker-build\.cjs|\.jsii(\.gz)?|API\.md|LICENSE|README\.md|package\.json|node_modules/(dockerfile-ast|vscode-languageserver-(textdocument|types))/.*)$' "$work/files" || true)
[[ -z "$unwanted" ]] || { printf 'The package holds what nobody needs:\n%s\n' "$unwanted" >&2; exit 1; }
for wanted in .jsii API.md LICENSE README.md build/index.js build/index.d.ts bundle/cached-docker-build.cjs node_modules/dockerfile-ast/lib/main.js; do
  grep -qx -- "$wanted" "$work/files" || { printf 'The package lacks %s\n' "$wanted" >&2; exit 1; }
done

lowest=$(node -p "require('./package.json').peerDependencies['aws-cdk-lib'].replace('^', '')")
for version in "$lowest" latest; do
  app=$work/app-$version
  cp -r "$here/app" "$app"
  awk '/^```/ { inside = $0 == "```ts nofixture"; next } inside' "$root/README.md" >"$app/app.ts"
  cd "$app"
  npm install --silent --no-audit --no-fund "aws-cdk-lib@$version" constructs 'typescript@~5.9' @types/node@20 "$tarball"
  npx tsc --outDir out
  CDK_OUTDIR=cdk.out node out/app.js
  images=$(find cdk.out -maxdepth 1 -name 'image-*.json' | wc -l)
  [[ "$images" == 1 ]] || { printf 'aws-cdk-lib %s: expected one build plan in the assembly, found %s\n' "$version" "$images" >&2; exit 1; }
  tag=$(node -p "require('./cdk.out/' + require('fs').readdirSync('cdk.out').find((file) => file.startsWith('image-'))).tag")
  grep -rq "$tag" cdk.out/assembly-*/ || { printf 'aws-cdk-lib %s: no stage deploys %s\n' "$version" "$tag" >&2; exit 1; }
  node cdk.out/cached-docker-build.cjs --help >/dev/null || { printf 'aws-cdk-lib %s: the runner in the assembly does not start\n' "$version" >&2; exit 1; }
  printf 'ok: a fresh app with aws-cdk-lib %s\n' "$(node -p "require('aws-cdk-lib/package.json').version")"
done
