import { CopiedLayers, copiedLayers } from './copied-layers';
import { correctImage } from './correct-image';
import { LayerLists } from './layer-lists';
import { LayersBelow } from './layers-below';
import { Destination, linkDockerfile, textOf } from './link-dockerfile';
import { final, LinkedImage, Unlinked } from './link-outcome';
import { mayBeArchive } from './may-be-archive';
import { isOverridden } from './owner-variables';
import { ListedCopy, proveLinks, Refusal } from './prove-links';
import { modeOf, TrailingCopy, workdirOf } from './trailing-copies';
import { usersBelow } from './users-below';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { BuildFailure } from '../builder/build-failure';
import { BuiltImage, ImageArchives, RunningBuilder } from '../builder/builder';
import { placeOther } from '../image/context';
import { ImageJob } from '../image/image-job';
import { parseDockerfile } from '../image/parse-dockerfile';
import { UnwritableLayer } from '../layers/chmod-layer';
import { FileTree } from '../layers/file-tree';
import { ImageConfig } from '../layers/image-content';
import { LayerEntry } from '../layers/layer-entries';
import { PushedImage } from '../layers/pushed-image';
import { treeFromJson, treeToJson } from '../layers/tree-json';
import { hasName, ownerInNumbers, UserNames } from '../layers/user-names';
import { BuildRecord, KnownRefusal, KnownTree } from '../record/build-record';
import { RegistryClient } from '../registry/registry-client';
import { reasonOf } from '../report/failure';
import { Step, stepsOfAll } from '../solve/solve-progress';
import { hasRun, stepsBefore, stepsBelow } from '../solve/steps-below';

/** How often a Dockerfile is rewritten: for a link in the way, a directory at its end, owners that have other numbers now. */
const MAX_ATTEMPTS = 4;

/** Layers of copies that are larger are listed once and kept: in bytes. */
const MAX_READ = 128 * 1024;

/** Layers of copies with `--chmod` that are larger are not written anew: in bytes. */
const MAX_CHMOD = 64 * 1024 * 1024;

export interface LinkRequest {
  readonly job: ImageJob;
  /** As it is written. */
  readonly dockerfile: Dockerfile;
  readonly copies: readonly TrailingCopy[];
  readonly builder: RunningBuilder;
  readonly archives: ImageArchives;
  readonly registry: RegistryClient;
  /** What earlier builds have found out, the most likely first. */
  readonly known: readonly BuildRecord[];
}

/** Builds an image with linked copies and proves, before it gets a tag, that it is the one that the Dockerfile makes as it is written. */
export class LinkBuild {
  private destinations: { [text: string]: Destination };
  private names: UserNames | undefined;
  /** What ran while users were looked for. */
  private readonly ran: Step[] = [];
  /** Of each time that it was built. */
  private readonly solves: (readonly Step[])[] = [];
  /** What stood in the way of the last attempt. */
  private met?: KnownRefusal['place'];

  private readonly job: ImageJob;
  private readonly dockerfile: Dockerfile;
  private readonly copies: readonly TrailingCopy[];
  private readonly registry: RegistryClient;
  private readonly known: readonly BuildRecord[];
  private readonly below: LayersBelow;

  constructor(private readonly request: LinkRequest) {
    const { job, dockerfile, copies, registry, known } = request;
    this.job = job;
    this.dockerfile = dockerfile;
    this.copies = copies;
    this.registry = registry;
    this.known = known;
    this.below = new LayersBelow(known, stepsBefore(dockerfile, copies[0].instruction));
    this.destinations = Object.assign({}, ...[...known].reverse().map(({ destinations }) => destinations)) as { [text: string]: Destination };
    this.names = known.find(({ below }) => below)?.below?.names;
  }

  /** The steps of all that was built, the last one with what ran before it already. */
  public get steps(): readonly (readonly Step[])[] {
    const textOfStep = ({ name }: Step) => name.slice(name.indexOf(']'));
    const ran = new Set(this.ran.filter(({ isCached }) => !isCached).map(textOfStep));
    return this.solves.map((steps) => steps.map((step) => ({ ...step, isCached: step.isCached && !ran.has(textOfStep(step)) })));
  }

  /** Fails where the build itself fails. */
  public async build(): Promise<LinkedImage | Unlinked> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const linked = await this.link();
      if ('reason' in linked) return linked;
      const outcome = await this.try(this.write(linked.content, attempt), linked.content);
      if (!('retry' in outcome)) return outcome;
    }
    return final('every way to write its destinations met another obstacle', this.met);
  }

  private async try(job: ImageJob, content: string): Promise<LinkedImage | Unlinked | { retry: true }> {
    const lists = new LayerLists(this.request.archives, job, this.below.knownLayers);
    let built: BuiltImage | undefined;
    try {
      built = await this.request.builder.build(job, {
        onPush: (steps, manifest) => this.listBeside(steps, manifest, content, lists),
      });
      lists.isPushed();
      this.solves.push(built.steps);
      return await this.prove(job, built, lists);
    } catch (error) {
      if (error instanceof UnwritableLayer) return final(reasonOf(error));
      if (built) return { reason: `the links could not be proven: ${reasonOf(error)}` };
      // What a variable says, only BuildKit knows.
      if (/invalid user index/.test(reasonOf(error))) return final('the owner of a copy is a variable with a name');
      if (error instanceof BuildFailure && error.mayBeCopy) return { reason: `it could not be built with links: ${reasonOf(error)}` };
      throw error;
    } finally {
      await lists.settled();
    }
  }

  private async link(): Promise<{ content: string } | Unlinked> {
    const needsNames = this.copies.some(({ owner, isLinked }) => !isLinked && hasName(owner));
    if (needsNames && !this.knowsOwners()) {
      const watch = { onSteps: (steps: readonly Step[]) => this.ran.push(...steps) };
      this.names = await usersBelow(this.job, this.dockerfile, this.copies[0].instruction, this.request.archives, watch);
    }
    const linked = linkDockerfile(this.dockerfile, this.copies, { destinations: this.destinations, names: this.names });
    return 'obstacle' in linked ? { reason: linked.obstacle, ...this.met && final(linked.obstacle, this.met) } : linked;
  }

  private knowsOwners(): boolean {
    const { names } = this;
    if (!names) return false;
    return this.copies.every(({ owner, isLinked }) => isLinked || ownerInNumbers(owner, names) !== undefined);
  }

  /** A Dockerfile with the name and the ignore file that the builder would find beside the other one. */
  private write(content: string, attempt: number): ImageJob {
    return { ...this.job, dockerfile: placeOther(this.job, `linked-${attempt}`, content) };
  }

  /** Lists what this build has just made, while it is pushed: the layers below the copies, if nobody has listed them, or those of the copies alone. */
  private listBeside(steps: readonly Step[], manifest: string, content: string, lists: LayerLists): void {
    const dockerfile = parseDockerfile(this.job, content); // which may have fewer steps than the one as it is written
    const instructions = dockerfile.stages.flatMap((stage) => stage.instructions);
    const copies = this.copies.flatMap((copy) => instructions.find(({ line }) => line === copy.instruction.line) ?? []);
    if (this.below.mustBeListed(stepsBelow(steps, dockerfile, copies[0]).some(({ isCached }) => !isCached))) lists.listAll(manifest);
    else lists.listSoon(dockerfile, copies.filter((copy) => hasRun(steps, dockerfile, copy)));
  }

  private async prove(job: ImageJob, built: BuiltImage, lists: LayerLists): Promise<LinkedImage | Unlinked | { retry: true }> {
    const image = await PushedImage.find(this.registry, built.pushed);
    const { layers } = image.content;
    const read = layers.map((_, index) => (index >= layers.length - this.copies.length ? this.entriesOf(image, index, lists) : undefined));
    read.forEach((entries) => entries?.catch(() => undefined)); // of the one that is waited for last, the reason is given
    const config = await image.config();
    const split = copiedLayers(image.content, config, this.copies);
    if (!split) return final('the history of the image is not that of its Dockerfile');

    const unsure = this.copies.find((copy) => !copy.isLinked && isOverridden(copy, config.config?.Env));
    if (unsure) return final(`the owner of ${describe(unsure)} is a variable that the base image sets, too`);

    const paths = pathsOf(split);
    const below = await this.below.tree(split, paths, lists);
    if (this.names !== undefined && this.hasOtherOwners(below.names)) {
      this.names = below.names;
      return { retry: true };
    }
    const listed = await Promise.all(split.copied.map(async (copied): Promise<ListedCopy> => ({
      ...copied,
      entries: copied.layerIndex === undefined ? [] : await (read[copied.layerIndex] ?? this.entriesOf(image, copied.layerIndex, lists)),
      rewritten: this.destinations[textOf(copied.copy.instruction)] ?? {},
      mayBeArchive: mayBeArchive(copied.copy.instruction, this.job.context),
    })));
    const proof = proveLinks(listed, treeFromJson(treeToJson(below.tree)), this.isRoot(config)); // the other one is kept
    if ('refusal' in proof) return this.retry(proof.refusal, below);
    const tooLarge = split.copied.find(({ layerIndex }, index) => proof.modes[index].size > 0 && layers[layerIndex!].size > MAX_CHMOD);
    if (tooLarge) return final(`${describe(tooLarge.copy)} is too large to get the mode of --chmod afterwards`);
    const manifest = await correctImage(image, config, split, proof, this.registry, this.job.work);
    const record = { below, base: this.below.baseOf(below), layers: this.largeLayers(image, listed), destinations: this.usedDestinations() };
    return { job, built: { ...built, steps: stepsOfAll(this.steps) }, image, manifest, record };
  }

  /** Whether nobody else than root is the user of the image anywhere behind the first copy. */
  private isRoot({ config }: ImageConfig): boolean {
    const users = this.dockerfile.stages.flatMap(({ instructions }) => instructions).filter(({ keyword }) => keyword === 'USER');
    return users.every(({ line }) => line < this.copies[0].instruction.line) && /^(|0|root)(:(0|root))?$/.test(config?.User ?? '');
  }

  private retry({ reason, path, remedy }: Refusal, { tree }: KnownTree): Unlinked | { retry: true } {
    this.met = { path, found: tree.describe(path) };
    if (!remedy) return final(reason, this.met);
    this.destinations = { ...this.destinations, [textOf(remedy.copy.copy.instruction)]: remedy.destination };
    return { retry: true };
  }

  private async entriesOf(image: PushedImage, index: number, lists: LayerLists): Promise<readonly LayerEntry[]> {
    const { digest } = image.content.layers[index];
    const known = this.known.map(({ layers }) => layers[digest]).find((tree) => tree !== undefined);
    return known ? [...known.entries()] : await lists.find(digest) ?? image.entries(index);
  }

  private hasOtherOwners(names: UserNames): boolean {
    const isOther = (owner: string) => hasName(owner) && ownerInNumbers(owner, names) !== ownerInNumbers(owner, this.names!);
    return this.copies.some(({ owner, isLinked }) => !isLinked && isOther(owner));
  }

  private largeLayers({ content }: PushedImage, listed: readonly ListedCopy[]): BuildRecord['layers'] {
    const isLarge = ({ layerIndex, copy: { instruction } }: ListedCopy) => (
      layerIndex !== undefined && content.layers[layerIndex].size > MAX_READ && modeOf(instruction) === undefined);
    return Object.fromEntries(listed.filter(isLarge).map(({ layerIndex, entries }) => {
      const tree = new FileTree();
      tree.apply(entries);
      return [content.layers[layerIndex!].digest, tree];
    }));
  }

  private usedDestinations(): BuildRecord['destinations'] {
    const texts = this.copies.map(({ instruction }) => textOf(instruction));
    return Object.fromEntries(Object.entries(this.destinations).filter(([text]) => texts.includes(text)));
  }
}

/** Where copies go, and so what has to be known of the layers below. */
function pathsOf({ copied }: CopiedLayers): string[] {
  const paths = copied.flatMap(({ destination = '/', written = destination, copy }) => (
    [destination, written, ...copy.workdirsBehind.map((instruction) => workdirOf(instruction)!)]));
  return [...new Set(paths)].sort();
}

function describe({ instruction: { keyword, line } }: TrailingCopy): string {
  return `what the ${keyword} in line ${line} copies`;
}
