import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ContextFile } from '../../context/context-files';
import { StagedFiles } from '../../context/staged-context';

/** What the CloudFormation actions of CodePipeline take as an input artifact. @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const LIMIT = 256_000_000;

/** For each app, the bytes of its contexts by their hashes: equal ones are in the assembly once. */
const contexts = new WeakMap<IConstruct, Map<string, number>>();

/** Warns when the contexts of an app may be more than its pipeline can hand to CloudFormation. They are compressed there, which is not known here. */
export function warnOfSize(image: IConstruct, { manifest, files }: StagedFiles): void {
  const sizes = contexts.get(image.node.root) ?? new Map<string, number>();
  contexts.set(image.node.root, sizes);
  const own = sum(files);
  sizes.set(manifest.hash, own);
  const all = [...sizes.values()].reduce((total, size) => total + size, 0);
  if (all > LIMIT) {
    const biggest = topLevel(files).slice(0, 3).map(([name, size]) => `${name} (${megabytes(size)})`);
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:largeContext',
      `the context holds ${megabytes(own)}, ${biggest.join(', ')} above all, and the contexts of this app so far ${megabytes(all)}. All of them are in the cloud assembly, and the CloudFormation`
      + ` actions of CodePipeline take at most ${megabytes(LIMIT)} of it, compressed; list what no image needs in .dockerignore, and let the Dockerfile get large files from elsewhere`);
  }
}

function topLevel(files: readonly ContextFile[]): [string, number][] {
  const sizes = new Map<string, number>();
  files.forEach(({ path, size = 0 }) => sizes.set(path.split('/')[0], (sizes.get(path.split('/')[0]) ?? 0) + size));
  return [...sizes].sort(([, one], [, other]) => other - one);
}

function sum(files: readonly ContextFile[]): number {
  return files.reduce((total, { size = 0 }) => total + size, 0);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
