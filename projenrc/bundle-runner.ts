import * as fs from 'fs';
import * as path from 'path';
import { buildSync } from 'esbuild';

const root = path.join(__dirname, '..');

/** Older ones can read the program, too, so that it can say what they are. */
const TARGET = 'node14';

/** The images of CodeBuild have Node.js 18 at least. */
const REQUIRE_NODE = `if (parseInt(process.versions.node, 10) < 18) {
  console.log('ERROR: the build image has Node.js ' + process.versions.node + ', and 18 or later is needed: give the step a buildImage with it, as the current ones of CodeBuild have it');
  process.exit(1);
}`;

/** Users carry the program in each cloud assembly, so it stays small: in bytes. The commands for people and their parser are 120 kB of it. */
const MAX_SIZE = 660_000;

/** Makes one file of the runner, with whatever it imports and the licences of that. */
export function bundleRunner(outfile = path.join(root, 'bundle', 'cached-docker-build.cjs')): void {
  const { metafile } = buildSync({
    entryPoints: [path.join(root, 'runner', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: TARGET,
    banner: { js: REQUIRE_NODE },
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true, // names stay, for the traces of errors
    metafile: true,
    logLevel: 'warning',
    absWorkingDir: root,
  });
  const packages = [...new Set(Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[0] ?? []))].sort();
  fs.appendFileSync(outfile, packages.map(licenceOf).join(''));
  fs.chmodSync(outfile, 0o755); // packages for other languages start it as a program
  const { size } = fs.statSync(outfile);
  if (size > MAX_SIZE) throw new Error(`the runner is of ${size} bytes, and ${MAX_SIZE} are allowed`);
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
  const file = fs.readdirSync(path.join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? fs.readFileSync(path.join(root, folder, file), 'utf8').trim().replace(/\*\//g, '* /') : license;
  return `\n/*! ${name} ${version}\n\n${text}\n*/\n`;
}

if (require.main === module) bundleRunner();
