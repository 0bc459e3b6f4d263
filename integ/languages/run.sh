#!/usr/bin/env bash
# Fresh apps in Python, Java and Go with the library as it is packaged for them: README's first success, and a tour of all features. What they synthesize
# is the same as in TypeScript, byte for byte. A language whose tools are missing is skipped.
#
# run.sh [python | java | go | dotnet]...   all of them without an argument; of .NET, the package only
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 CODEBUILD_RESOLVED_SOURCE_VERSION=1111111aaaa

cd "$root"
read -r name version cdk constructs < <(node -p "
  const { name, version, devDependencies } = require('./package.json');
  [name, version, devDependencies['aws-cdk-lib'], devDependencies.constructs].join(' ')")
passed=0 skipped=0

# Whatever is public has its place in the tour.
jq --raw-output '.types[] | (select(.kind != "interface") | .name), ((.properties // []) + (.methods // []) + (.members // []))[].name' .jsii | sort -u \
  | while read -r public; do grep -qw "$public" "$here/typescript/tour.ts" || { printf 'typescript/tour.ts lacks %s\n' "$public" >&2; exit 1; }; done

# project DIRECTORY: an app's directory, with the files of its images
project() {
  mkdir -p "$1"
  cp -r "$here/contexts" "$root/integ/consumer/app/api" "$1"
}

# first_success LANGUAGE: the app of README.md in ts or python
first_success() {
  awk -v start="^\`\`\`$1( nofixture)?\$" '/^```/ { inside = $0 ~ start; next } inside' "$root/README.md"
}

# typescript FILE ASSEMBLY: synthesizes an app in TypeScript
typescript() {
  "$root/node_modules/.bin/esbuild" --log-level=warning --platform=node --format=cjs "$1" --outfile="$work/typescript/app.js"
  (cd "$work/typescript" && CDK_OUTDIR=$2.out node app.js)
}

# same LANGUAGE ASSEMBLY EXPECTED: fails if what a language has synthesized differs from TypeScript's. What differs by nature are the traces of the metadata,
# the versions in the list of constructs, and the CLI that the packages of the CDK for each language ask for.
same() {
  diff --recursive --exclude='*.metadata.json' --exclude=tree.json --ignore-matching-lines='"minimumCliVersion"' "$work/typescript/$3.out" "$work/$1/$2.out" >&2 \
    || { printf '%s: %s differs from the assembly of TypeScript\n' "$1" "$2" >&2; exit 1; }
  passed=$((passed + 1))
  printf 'ok: %s, %s\n' "$1" "$2"
}

# expect LANGUAGE COMMANDS: README's app in TypeScript, with the commands that the app of a language synthesizes with
expect() {
  sed "s/commands: \['npm ci', /commands: [$2/" "$work/typescript/first-success.ts" >"$work/typescript/$1.ts"
  typescript "$work/typescript/$1.ts" "first-success-$1"
}

# speaks LANGUAGE TEXT: fails unless the text on standard input, of a README or a reference, has the translation of an example, and none in TypeScript
speaks() {
  local text
  text=$(cat)
  if [[ $text != *"$2"* || $text == *"new CachedDockerImage("* ]]; then
    printf '%s: the documents of the package are not in its language:\n%s\n' "$1" "$text" >&2
    exit 1
  fi
}

python() {
  project "$work/python"
  cd "$work/python"
  cp "$here/python/tour.py" .
  first_success python >app.py
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check "aws-cdk-lib==$cdk" "constructs==$constructs" "$root"/dist/python/*.whl
  .venv/bin/python -c "import importlib.metadata; print(importlib.metadata.metadata('$name').get_payload())" | speaks python 'CachedDockerImage(stack, "ApiImage"'
  .venv/bin/python -c 'import cdk_cached_docker_build as library; print(library.CachedDockerImage.__doc__)' | speaks python 'CachedDockerImage(self, "WorkerImage"'
  CDK_OUTDIR=first-success.out .venv/bin/python app.py
  CDK_OUTDIR=tour.out .venv/bin/python tour.py
  .venv/bin/cdk-cached-docker-build build --help | grep -q '^Usage: cdk-cached-docker-build build ' || { printf 'python: the package has no command\n' >&2; exit 1; }
  expect python "'pip install -r requirements.txt', "
}

java() {
  project "$work/java"
  cd "$work/java"
  cp -r "$here/java/." .
  local repository=$root/.parts/maven
  rm -rf "$repository/com/example/$name" # one of another build
  mvn --quiet --batch-mode "-Dmaven.repo.local=$repository" "-Drepository=file://$root/dist/java" "-Dversion=$version" "-Daws-cdk-lib.version=$cdk" \
    "-Dconstructs.version=$constructs" compile org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath -Dmdep.outputFile=classpath
  unzip -p "$root/dist/java/com/example/$name/$version/$name-$version-sources.jar" '*/CachedDockerImage.java' | speaks java 'CachedDockerImage.Builder.create(this, "WorkerImage"'
  CDK_OUTDIR=first-success.out command java -cp "target/classes:$(<classpath)" com.example.first.FirstSuccess
  CDK_OUTDIR=tour.out command java -cp "target/classes:$(<classpath)" com.example.tour.Tour
  expect java ''
}

go() {
  project "$work/go"
  cd "$work/go"
  cp -r "$here/go/." .
  local package module
  package=$(echo "$root"/dist/go/*)
  module=$(cd "$package" && command go list -m)
  command go mod init example.com/app 2>/dev/null
  command go mod edit -require="$module@v$version" -replace="$module=$package"
  command go mod tidy
  command go build -o bin/ ./...
  speaks go 'NewCachedDockerImage(stack, jsii.String("ApiImage")' <"$package/README.md"
  command go doc "$module.CachedDockerImage" | speaks go 'NewCachedDockerImage(this, jsii.String("WorkerImage")'
  CDK_OUTDIR=first-success.out bin/first
  CDK_OUTDIR=tour.out bin/tour
  expect go ''
}

mkdir -p "$work/typescript/node_modules"
project "$work/typescript"
ln -s "$root" "$work/typescript/node_modules/$name"
ln -s "$root"/node_modules/{aws-cdk-lib,constructs} "$work/typescript/node_modules"
first_success ts >"$work/typescript/first-success.ts"
sed "s|'../../../lib'|'$name'|" "$here/typescript/tour.ts" >"$work/typescript/tour.ts"
typescript "$work/typescript/tour.ts" tour

[[ $# -gt 0 ]] || set -- python java go dotnet
for language; do
  cd "$root"
  npx projen "package:$language"
  if [[ ! -d dist/$language ]]; then
    skipped=$((skipped + 1))
    continue
  fi
  if [[ $language == dotnet ]]; then
    passed=$((passed + 1))
    continue
  fi
  "$language"
  cd "$root"
  same "$language" first-success "first-success-$language"
  same "$language" tour tour
done
printf 'Tests: %s passed, %s skipped\n' "$passed" "$skipped"
