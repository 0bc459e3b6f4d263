import * as fs from 'fs';
import * as path from 'path';

/** What `npm ci` does as far as a build can see: it wants a lockfile, and a token where `.npmrc` says so, of which it leaves a hash. No two installations are the same. */
const npm = `#!/bin/sh
set -e
[ "$1" = ci ] && [ -f package.json ] && [ -f package-lock.json ]
mkdir -p node_modules/ms
head -c 1000000 /dev/urandom > node_modules/ms/index.js
if [ -f .npmrc ] && grep -q _authToken .npmrc; then
  [ -n "$NPM_TOKEN" ] || { echo 'npm error code E401' >&2; exit 1; }
  printf %s "$NPM_TOKEN" | sha256sum | cut -c 1-64 > node_modules/.token-hash
fi
`;

/** A compiler to which TypeScript is JavaScript. */
const npx = `#!/bin/sh
set -e
[ "$1" = tsc ] && [ -f tsconfig.json ]
mkdir -p dist
for file in src/*.ts; do
  name=\${file##*/}
  cp "$file" "dist/\${name%.ts}.js"
done
`;

/** Writes what stands for the programs of Node.js into a directory of an image. */
export function writeNodeTools(directory: string): void {
  fs.mkdirSync(directory, { recursive: true });
  for (const [name, script] of Object.entries({ npm, npx })) fs.writeFileSync(path.join(directory, name), script, { mode: 0o755 });
}
