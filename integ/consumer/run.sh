#!/usr/bin/env bash
# Fresh CDK apps, the first success of README.md and the examples, with the library as it will be published. With the lowest aws-cdk-lib and constructs, those
# of the unit tests, and the newest, they give the same templates and plans.
# Also checks what the package holds.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$root"
npx projen stage-package >/dev/null
npm pack ./.package --silent --pack-destination "$work" >/dev/null
tarball=$(echo "$work"/*.tgz)

tar --list --file "$tarball" | sed 's|^package/||' | sort >"$work/files"
unwanted=$(grep -vE '^(build/.*\.(js|d\.ts)|bundle/cached-docker-build\.cjs|\.jsii(\.gz)?|API\.md|LICENSE|README\.md|package\.json|node_modules/(dockerfile-ast|vscode-languageserver-(textdocument|types))/.*)$' "$work/files" || true)
[[ -z "$unwanted" ]] || { printf 'The package holds what nobody needs:\n%s\n' "$unwanted" >&2; exit 1; }
for wanted in .jsii API.md LICENSE README.md build/index.js build/index.d.ts bundle/cached-docker-build.cjs node_modules/dockerfile-ast/lib/main.js; do
  grep -qx -- "$wanted" "$work/files" || { printf 'The package lacks %s\n' "$wanted" >&2; exit 1; }
done

# version KIND PACKAGE: the lowest of a package that the library takes, or the one that its unit tests run with
version() { node -p "require('./package.json').$1['$2'].replace('^', '')"; }
lowest=$(version peerDependencies aws-cdk-lib)
tested=$(version devDependencies aws-cdk-lib)
lowest_constructs=$(version peerDependencies constructs)
tested_constructs=$(version devDependencies constructs)

# synthesize VERSION CONSTRUCTS: the apps in a folder of their own
synthesize() {
  cp -r "$here/app" "$work/app-$1"
  cd "$work/app-$1"
  awk '/^```/ { inside = $0 == "```ts nofixture"; next } inside' "$root/README.md" >app.ts
  mkdir examples
  for example in "$root"/examples/*/; do
    # those in TypeScript that need no other package
    if jq -e '.dependencies | length == 3' "$example/package.json" &>/dev/null; then cp -r "$example" examples/; fi
  done
  npm install --silent --no-audit --no-fund "aws-cdk-lib@$1" "constructs@$2" 'typescript@~5.9' @types/node@20 "$tarball"
  npx tsc
  node -e '
    for (const app of process.argv.slice(1)) {
      process.env.CDK_OUTDIR = process.cwd() + "/cdk.out/" + app;
      require(process.cwd() + "/" + app);
    }' app.js examples/*/app.js
}

# fail VERSION TEXT
fail() { printf 'aws-cdk-lib %s: %s\n' "$1" "$2" >&2; exit 1; }

synthesize "$lowest" "$lowest_constructs"
cp -r "$root/lib" node_modules/cdk-cached-docker-build/
npx tsc --noEmit --strict --skipLibCheck --target es2022 --module node16 --types node node_modules/cdk-cached-docker-build/lib/index.ts ||
  fail "$lowest" 'the library cannot be compiled with it; avoid what is missing, or raise cdkVersion and constructsVersion in .projenrc.ts'
images=$(find cdk.out/app.js -maxdepth 1 -name 'image-*.json' | wc -l)
[[ "$images" == 1 ]] || fail "$lowest" "expected one build plan in the assembly, found $images"
tag=$(node -p "require('./cdk.out/app.js/' + require('fs').readdirSync('cdk.out/app.js').find((file) => file.startsWith('image-'))).tag")
grep -rq "$tag" cdk.out/app.js/assembly-*/ || fail "$lowest" "no stage deploys $tag"
node cdk.out/app.js/cached-docker-build.cjs --help >/dev/null || fail "$lowest" 'the runner in the assembly does not start'
# Nobody is signed in here, so it cannot say whether the image is there, and ends with 1.
listed=$(npx --no-install cdk-cached-docker-build list --app cdk.out/app.js --json 2>/dev/null) || true
[[ "$(jq --raw-output '.images[0].tag' <<<"$listed")" == "$tag" ]] || fail "$lowest" 'npx cdk-cached-docker-build does not list the image'

synthesize "$tested" "$tested_constructs"
synthesize latest latest
for version in "$lowest" "$tested" latest; do
  # What the CDK writes for its own tools has the version of their format in it.
  diff --recursive --exclude '*.assets.json' --exclude '*.metadata.json' --exclude manifest.json --exclude tree.json --exclude cdk.out \
    --exclude validation-report.json "$work/app-$lowest/cdk.out" "$work/app-$version/cdk.out" || fail "$version" "the assembly differs from that with $lowest"
  printf 'ok: fresh apps with aws-cdk-lib %s\n' "$(node -p "require('$work/app-$version/node_modules/aws-cdk-lib/package.json').version")"
done
