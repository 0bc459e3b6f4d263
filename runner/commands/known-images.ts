import { cachedImage } from '../image/image-job';
import { planName, readPlan, ReadyPlan } from '../input/read-plan';
import { addressFiller, hasPlaceholder } from '../input/surroundings';
import { reasonOf } from '../report/failure';

/** An image of a cloud assembly, as far as it can be told. */
export interface KnownImage {
  readonly name: string;
  /** The file of the plan. */
  readonly file: string;
  /** Undefined where it cannot be built. */
  readonly image?: PlacedImage;
  /** Why it cannot be built, or asked for. */
  readonly problem?: string;
}

/** An image and its repository. */
export interface PlacedImage {
  readonly plan: ReadyPlan;
  /** The addresses of its repositories; undefined where they depend on an account or a region that nobody knows. */
  readonly cached?: ReturnType<typeof cachedImage>;
}

/** The images of some plans. What is wrong with one of them is no reason to say nothing of the others. */
export async function knownImages(assembly: string, files: readonly string[], env: NodeJS.ProcessEnv): Promise<KnownImage[]> {
  const read = files.map((file) => ({ file, name: planName(assembly, file), ...tryTo(() => readPlan(assembly, file)) }));
  const ready = read.flatMap(({ value }) => value ?? []);
  const filled = await addressFiller(ready, env).then(
    (fill) => ({ fill, problem: undefined }), (error) => ({ fill: undefined, problem: reasonOf(error) }));
  return read.map(({ file, name, value: plan, problem }): KnownImage => {
    if (!plan) return { name, file, problem };
    const isUnknown = hasPlaceholder(plan.repository) || hasPlaceholder(plan.cacheRepository ?? '');
    if (isUnknown && !filled.fill) return { name, file, image: { plan }, problem: filled.problem };
    const fill = filled.fill ?? ((address: string) => address);
    const cacheRepository = plan.cacheRepository === undefined ? undefined : fill(plan.cacheRepository);
    return { name, file, image: { plan, cached: cachedImage({ plan, repository: fill(plan.repository), cacheRepository }) } };
  });
}

function tryTo<T>(make: () => T): { readonly value?: T; readonly problem?: string } {
  try {
    return { value: make() };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}
