#!/usr/bin/env bash
# What a release does before anything is published: the version and the changelog come from the titles of the commits since the last release,
# and what that release had is still there. In a repository of its own, whose only history is what is written here.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -r "$root/.projen" "$work"
jq '.version = "0.0.0"' "$root/package.json" >"$work/package.json" # while a release runs this, it has another one
ln -s "$root/node_modules" "$work/node_modules"
printf '/dist/\n/node_modules\n' >"$work/.gitignore"
cd "$work"
git init --quiet
git config user.name release
git config user.email release@example.com

commit() { git add --all && git commit --quiet --allow-empty --message "$1"; }

# expect VERSION TITLE: the next release
expect() {
  npx projen bump >bump.log 2>&1 || { cat bump.log >&2; exit 1; }
  rm bump.log
  [[ "$(<dist/releasetag.txt)" == "v$1" ]] || { printf 'The release is %s instead of v%s\n' "$(<dist/releasetag.txt)" "$1" >&2; exit 1; }
  [[ "$(node -p "require('./package.json').version")" == "$1" ]] || { printf 'The package is not of version %s\n' "$1" >&2; exit 1; }
  grep -qF "$2" dist/changelog.md || { printf 'The changelog of %s does not say %s:\n' "$1" "$2" >&2; cat dist/changelog.md >&2; exit 1; }
  npx projen unbump >/dev/null 2>&1
  git diff --exit-code || { printf 'The release of %s leaves changes behind\n' "$1" >&2; exit 1; }
  printf 'ok: %s, for %s\n' "$1" "$2"
}

commit 'feat: the beginning'
expect 0.1.0 'the beginning'
git tag v0.1.0
commit 'docs: a word'
expect 0.1.0 'the beginning' # there is such a tag, so nothing is published
commit 'fix: a mended wire'
expect 0.1.1 'a mended wire'
commit 'feat!: another shape' # before 1.0.0, what breaks is a minor version
expect 0.2.0 'another shape'

mkdir last next
cp "$root/.jsii" "$root/package.json" last
cp "$root/package.json" next
jq '.types["cdk-cached-docker-build.CachedDockerImage"].methods |= map(select(.name != "imageUri"))' "$root/.jsii" >next/.jsii
if npx jsii-diff last next --keys >diff.log 2>&1; then
  printf 'A method that is gone is no hindrance to a release\n' >&2
  exit 1
fi
changes=$(grep -oE '\[[a-z-]+:[^]]*\]' diff.log | sort -u)
[[ "$changes" == '[removed:cdk-cached-docker-build.CachedDockerImage.imageUri]' ]] || { cat diff.log >&2; exit 1; }
printf 'ok: a method that is gone stops the release\n'
