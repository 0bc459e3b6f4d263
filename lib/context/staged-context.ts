import * as fs from 'fs';
import * as path from 'path';
import { App, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ContextFile, contextFiles } from './context-files';
import { hashContext } from '../plan/context-hash';
import { ContextManifest } from '../plan/image-plan';

/** A directory as it lies in the cloud assembly. */
export interface StagedFiles {
  /** Relative to the root of the assembly. */
  readonly path: string;
  /** What has to be there when it is built: a zip between synthesis and build may lose some of it. */
  readonly manifest: ContextManifest;
  readonly files: ContextFile[];
}

/** The context of an image as it lies in the cloud assembly. */
export interface StagedContext extends StagedFiles {
  readonly dockerfileContent: string;
}

/** How layers say that a file of the layers below is gone. @see https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts */
const REMOVED = /(?:^|\/)\.wh\./;

/**
 * Copies what Docker would send of a directory into the root of the cloud assembly.
 * Raises an error when there is no Dockerfile.
 */
export function stageContext(image: Construct, directory: string, dockerfile: string): StagedContext {
  const dockerfilePath = path.resolve(directory, dockerfile);
  if (!fs.statSync(dockerfilePath, { throwIfNoEntry: false })?.isFile()) {
    throw new Error(`'${image.node.path}': there is no ${JSON.stringify(dockerfile)} in the context ${directory}; give the property 'dockerfile' its path in the context`);
  }
  const dockerfileContent = fs.readFileSync(dockerfilePath, 'utf-8');
  if (dockerfileContent.includes('\0')) {
    throw new Error(`'${image.node.path}': ${JSON.stringify(dockerfile)} in the context ${directory} holds a NUL, so it is no Dockerfile; give the property 'dockerfile' its path in the context`);
  }
  return { ...stageFiles(image, directory, [`${dockerfilePath}.dockerignore`]), dockerfileContent };
}

/**
 * Copies what Docker would send of a directory into the root of the cloud assembly.
 * Raises an error for what no image can hold.
 *
 * @param ignoreFiles those that count before its `.dockerignore`
 */
export function stageFiles(image: Construct, directory: string, ignoreFiles: readonly string[] = []): StagedFiles {
  const files = listFiles(image, directory, ignoreFiles);
  const lost = files.find((file) => REMOVED.test(file.path));
  if (lost) {
    throw new Error(`'${image.node.path}': the context ${directory} has ${JSON.stringify(lost.path)}, which would be missing in the image: a name that begins with '.wh.' stands for a removed file there; rename it, or exclude it with a .dockerignore`);
  }
  const manifest = manifestOf(directory, files);
  const staged = path.join(Stage.of(image)!.assetOutdir, `asset.${manifest.hash}`);
  copy(directory, files, staged);
  return { path: path.relative((image.node.root as App).outdir, staged).split(path.sep).join('/'), manifest, files };
}

/** What a context has to hold, with the hash of all of it. */
export function manifestOf(directory: string, files: ContextFile[]): ContextManifest {
  const content = {
    files: Object.fromEntries(files.filter(({ type }) => type === 'file').map((file) => [file.path, file.size!])),
    executables: files.filter((file) => file.executable).map((file) => file.path),
    emptyDirectories: files.filter((file) => file.type === 'directory').map((file) => file.path),
    links: Object.fromEntries(files.filter((file) => file.type === 'link').map((file) => [file.path, file.target!])),
  };
  return { ...content, hash: hashContext(directory, content) };
}

function listFiles(image: Construct, directory: string, ignoreFiles: readonly string[]): ContextFile[] {
  try {
    return contextFiles(directory, ignoreRules(image, directory, ignoreFiles));
  } catch (error) {
    throw new Error(`'${image.node.path}': the context ${directory} cannot be read: ${(error as Error).message}`);
  }
}

/** The ignore file that Docker reads, and the cloud assembly itself, which must not be part of what is in it. */
function ignoreRules(image: Construct, directory: string, ignoreFiles: readonly string[]): string | undefined {
  const ignoreFile = [...ignoreFiles, path.join(directory, '.dockerignore')].find((file) => fs.existsSync(file));
  const rules = ignoreFile && fs.readFileSync(ignoreFile, 'utf-8');
  const assembly = path.relative(fs.realpathSync(directory), fs.realpathSync((image.node.root as App).outdir)).split(path.sep).join('/');
  const outside = assembly === '..' || assembly.startsWith('../') || path.isAbsolute(assembly);
  return outside ? rules : `${rules ?? ''}\n${assembly.replace(/[*?[\]\\!#]/g, '\\$&')}\n`;
}

/**
 * Only files: links and empty folders come back from the plan, since a link in an artifact may lead anywhere.
 * Files with the same hash are the same files; a copy that was cut short must not be taken for them.
 */
function copy(directory: string, files: ContextFile[], target: string): void {
  if (fs.existsSync(target)) {
    return;
  }
  const unfinished = fs.mkdtempSync(`${target}.`);
  fs.chmodSync(unfinished, 0o755); // whoever zips the assembly has to read it
  for (const file of files.filter(({ type }) => type === 'file')) {
    const destination = path.join(unfinished, file.path);
    fs.mkdirSync(path.dirname(destination), { recursive: true });
    fs.copyFileSync(path.join(directory, file.path), destination);
  }
  fs.renameSync(unfinished, target);
}
