import { ContextContents } from './context-contents';
import { fileDigests, FileDigests } from './file-digests';
import { shortDigest } from './short-digest';
import { linesOf, StageLine, textOf, variablesIn } from './stage-lines';
import { Dockerfile, DockerfileStage } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';
import { ImageJob } from '../image/image-job';

/** What an image was made from, in short digests: enough to say what is another one in the next build. */
export interface BuildInputs {
  /** Of everything that the other members do not have, such as the platform. */
  readonly others: string;
  readonly stages: readonly StageInputs[];
  readonly buildArgs: { readonly [name: string]: string };
  /** The base images, with the beginning of their digests. */
  readonly baseImages: { readonly [image: string]: string };
  /** By the name of the context. */
  readonly files: { readonly [context: string]: FileDigests };
  /** See `ImagePlan.refreshPeriod`. */
  readonly refreshPeriod?: number;
}

export interface StageInputs {
  readonly name?: string;
  /** Of its FROM as it is written. */
  readonly from: string;
  /** Of the defaults of the variables in it. */
  readonly defaults: string;
  readonly lines: readonly LineInputs[];
}

/** An instruction that results depend on: its keyword and its digest. Behind them, that of the defaults of an ARG, or of how a copy was built, if that is another way. */
export type LineInputs = readonly [keyword: string, digest: string, more?: string];

/** What a build was made from. */
export interface InputsOfBuild {
  readonly job: ImageJob;
  /** As it is written. */
  readonly dockerfile: Dockerfile;
  /** As it was built, with linked copies. */
  readonly builtDockerfile: Dockerfile;
  readonly contexts: ContextContents;
  /** The digests of the base images. */
  readonly baseImages: { readonly [image: string]: string };
}

/** What a build was made from, in digests. Their salt is what the caches of the image are called. */
export function buildInputs({ job, dockerfile, builtDockerfile, contexts, baseImages }: InputsOfBuild): BuildInputs {
  const { plan, options } = job;
  const digest = (...value: readonly string[]) => shortDigest(plan.cacheName, value);
  const { platform, target, secretIds, hasSshKey, buildArgs, buildContexts = {}, refreshPeriod } = plan;
  const directives = dockerfile.content.split('\n').filter((line) => /^#\s*(syntax|escape)\s*=/i.test(line));
  const ofBuildKit = Object.entries(buildArgs).filter(([name]) => /^(BUILDKIT_|SOURCE_DATE_EPOCH$)/.test(name));
  const asBuilt = builtDockerfile.stages.flatMap(({ instructions }) => instructions);
  const built = new Map(asBuilt.map((instruction) => [instruction.line, textOf(instruction)]));
  const moreOf = ({ defaults, text, line }: StageLine) => {
    if (defaults !== undefined) return [digest('defaults', defaults)];
    const other = built.get(line);
    return other === undefined || other === text ? [] : [digest('line', other)];
  };
  return {
    others: digest('others', JSON.stringify([
      platform, target, secretIds, hasSshKey, Object.keys(buildContexts), options?.network, directives, ofBuildKit,
    ])),
    stages: dockerfile.stages.map((stage): StageInputs => ({
      ...stage.name !== undefined && { name: stage.name },
      from: digest('FROM', stage.base, stage.platform ?? ''),
      defaults: digest('defaults', ...globalsOf(dockerfile, stage).map(({ rest }) => rest)),
      lines: linesOf(dockerfile, stage).map((line) => [line.keyword, digest('line', line.text), ...moreOf(line)] as unknown as LineInputs),
    })),
    buildArgs: mapValues(buildArgs, (value, name) => digest('argument', name, value)),
    baseImages: mapValues(baseImages, (value) => value.replace('sha256:', '').slice(0, 16)),
    files: Object.fromEntries([...contexts].map(([name, content]) => [name, fileDigests(plan.cacheName, content)])),
    ...refreshPeriod !== undefined && { refreshPeriod },
  };
}

/** The arguments in front of the first FROM that a FROM has a place for. */
export function globalsOf({ globalArguments }: Dockerfile, { base }: DockerfileStage): DockerfileInstruction[] {
  const names = variablesIn(base);
  return globalArguments.filter(({ words }) => words.some((word) => names.includes(word.split('=')[0])));
}

/** Whether it is what a build has left. */
export function areInputs(value: unknown): value is BuildInputs {
  const { others, stages, buildArgs, baseImages, files, refreshPeriod } = Object(value) as { [key: string]: unknown };
  const isFiles = (one: unknown) => {
    const { depth, digests } = Object(one) as { [key: string]: unknown };
    return hasTexts(digests) && (depth === undefined || (Number.isInteger(depth) && (depth as number) >= 0));
  };
  const isStage = (one: unknown) => {
    const { name, from, defaults, lines } = Object(one) as { [key: string]: unknown };
    const isLine = (line: unknown) => Array.isArray(line) && line.length >= 2 && line.every(isText);
    return (name === undefined || isText(name)) && isText(from) && isText(defaults) && Array.isArray(lines) && lines.every(isLine);
  };
  return isText(others) && Array.isArray(stages) && stages.every(isStage) && hasTexts(buildArgs) && hasTexts(baseImages)
    && isObject(files) && Object.values(files).every(isFiles) && (refreshPeriod === undefined || Number.isFinite(refreshPeriod));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasTexts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isText);
}

function mapValues(values: { readonly [key: string]: string }, map: (value: string, key: string) => string): { [key: string]: string } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]));
}
