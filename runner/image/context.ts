import * as fs from 'fs';
import * as path from 'path';
import { ImageJob } from './image-job';
import { checkSource } from './source-files';
import { hashContext } from '../../lib/plan/context-hash';
import { ContextManifest } from '../../lib/plan/image-plan';
import { ContextContent, ContextContents, MAIN_CONTEXT } from '../reason/context-contents';
import { Failure } from '../report/failure';

/** How many paths a message names. */
const NAMED = 5;

/**
 * Gives the files of a context what an artifact's zip may have lost (the executable bit, symbolic links, empty folders), and fails when it lost more: an image
 * without some of its files would get the tag of the whole one. Other modes become those of a git checkout, so that the image depends on the files and not on
 * the machine that synthesized. Gives what is in each context whose files are known at synthesis.
 */
export function restoreContext(job: ImageJob): ContextContents {
  const { plan, context, input } = job;
  const { name, contextFiles, buildContexts = {} } = plan;
  const contents = new Map<string, ContextContent>();
  if (contextFiles) contents.set(MAIN_CONTEXT, restoreFiles(`the context of '${name}'`, plan.context, context, contextFiles));
  else checkSource(job); // its modes are git's already
  for (const [named, { path: folder, files }] of Object.entries(buildContexts)) {
    if (folder !== undefined && files) contents.set(named, restoreFiles(`the context '${named}' of '${name}'`, folder, path.join(input, folder), files));
  }
  return contents;
}

/** @param folder the path in the input */
function restoreFiles(what: string, folder: string, context: string, manifest: ContextManifest): ContextContent {
  if (Object.keys(manifest.files).length === 0) fs.mkdirSync(context, { recursive: true }); // an empty folder is lost with the zip
  requireDirectory(context, `the input has no ${folder}, ${what}; ${REMEDY}`);
  checkFiles(what, context, manifest);
  manifest.emptyDirectories.forEach((directory) => fs.mkdirSync(path.join(context, directory), { recursive: true }));
  for (const [link, target] of Object.entries(manifest.links)) makeLink(context, link, target);
  const strange = setModes(context, '', manifest, new Set(manifest.executables));
  failWith(what, strange.map((file) => `${file} is not of it`));
  const content = new Map<string, string>([
    ...Object.entries(manifest.links).map(([link, target]): [string, string] => [link, `link ${target}`]),
    ...manifest.emptyDirectories.map((empty): [string, string] => [empty, 'directory']),
  ]);
  const executables = new Set(manifest.executables);
  const hash = hashContext(context, manifest, (file, ofFile) => content.set(file, `${executables.has(file) ? 'program' : 'file'} ${ofFile.toString('base64')}`));
  if (hash !== manifest.hash) throw new Failure(`${what} is not the one that was synthesized: files of ${folder} have other contents; ${REMEDY}`);
  return content;
}

const REMEDY = 'run the pipeline from its synthesis again, and hand the build the cloud assembly as it is';

function requireDirectory(directory: string, message: string): void {
  if (!fs.existsSync(directory) || !fs.statSync(directory).isDirectory()) throw new Failure(message);
}

function checkFiles(what: string, context: string, { files }: ContextManifest): void {
  const wrong = Object.entries(files).flatMap(([file, size]) => {
    const found = find(path.join(context, file));
    if (!found) return [`${file} is missing`];
    return found.isFile() && found.size === size ? [] : [`${file} is ${found.isFile() ? `of ${found.size} bytes instead of ${size}` : 'no file'}`];
  });
  failWith(what, wrong);
}

function failWith(what: string, wrong: readonly string[]): void {
  if (wrong.length > 0) {
    const more = wrong.length > NAMED ? `, and ${wrong.length - NAMED} more` : '';
    throw new Failure(`${what} is not the one that was synthesized: ${wrong.slice(0, NAMED).join(', ')}${more}; ${REMEDY}`);
  }
}

function find(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file);
  } catch {
    return undefined; // it is not there, or what should be a folder above it is a file
  }
}

function makeLink(context: string, link: string, target: string): void {
  const place = path.join(context, link);
  if (find(place)?.isSymbolicLink() && fs.readlinkSync(place) === target) return; // another image, which is being built, may have the same context
  fs.rmSync(place, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.symlinkSync(target, place);
}

/** Gives the files that should not be there. */
function setModes(context: string, directory: string, manifest: ContextManifest, executables: ReadonlySet<string>): string[] {
  fs.chmodSync(path.join(context, directory), 0o755);
  return fs.readdirSync(path.join(context, directory), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(directory, entry.name);
    if (entry.isDirectory()) return setModes(context, file, manifest, executables);
    if (entry.isFile()) fs.chmodSync(path.join(context, file), executables.has(file) ? 0o755 : 0o644);
    return Object.hasOwn(manifest.files, file) || Object.hasOwn(manifest.links, file) ? [] : [file];
  });
}

/**
 * Where the Dockerfile is. That of a staged context comes from the plan, since the context holds just what Docker would send, and an empty ignore file beside
 * it keeps a builder from applying the user's a second time.
 */
export function placeDockerfile(job: Omit<ImageJob, 'dockerfile'>): string {
  const { plan, context, work } = job;
  if (plan.dockerfileContent === undefined) return path.join(context, plan.dockerfile);
  work.directory('dockerfile');
  const name = path.basename(plan.dockerfile);
  work.write(`dockerfile/${name}.dockerignore`, '');
  return work.write(`dockerfile/${name}`, plan.dockerfileContent);
}

/** A Dockerfile in place of the one that is built, with its name, and with the ignore file that belongs to it. */
export function placeOther({ dockerfile, work }: ImageJob, folder: string, content: string): string {
  work.directory(folder);
  const name = path.basename(dockerfile);
  const ignore = `${dockerfile}.dockerignore`;
  if (fs.existsSync(ignore)) fs.copyFileSync(ignore, work.path(folder, `${name}.dockerignore`));
  return work.write(`${folder}/${name}`, content);
}
