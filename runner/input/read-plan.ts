import * as fs from 'fs';
import * as path from 'path';
import { ImagePlan, PLAN_VERSION } from '../../lib/plan/image-plan';
import { Failure, reasonOf } from '../report/failure';

/** What a registry takes as a tag. */
export const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** A plan that can be built. */
export type ReadyPlan = ImagePlan & { readonly tag: string };

/** Reads the plan of an image from the cloud assembly. */
export function readPlan(directory: string, file: string): ReadyPlan {
  let text: string;
  try {
    text = fs.readFileSync(path.resolve(directory, file), 'utf8');
  } catch (error) {
    throw new Failure(`the input has no ${file}: the build needs the cloud assembly of the very pipeline that it belongs to (${reasonOf(error)})`);
  }
  let plan: ImagePlan;
  try {
    plan = JSON.parse(text) as ImagePlan;
  } catch (error) {
    throw new Failure(`the plan ${file} cannot be read (${reasonOf(error)}): synthesize again`);
  }
  if (plan?.version !== PLAN_VERSION) {
    throw new Failure(`the plan ${file} is of version ${String(plan?.version)}, and this program of version ${PLAN_VERSION}: synthesize again, both come from the same synthesis`);
  }
  const { tag } = plan;
  if (tag === undefined || tag === null || tag === '') {
    throw new Failure(`the cloud assembly does not say which commit it was made for, so '${plan.name}' has no tag: its synthesis has to run in CodeBuild, from the source of the image`);
  }
  if (typeof tag !== 'string' || !TAG.test(tag)) throw new Failure(`'${String(tag)}' of the plan ${file} cannot be an image tag`);
  return { ...plan, tag };
}

/** The files of all plans of a cloud assembly. */
export function planFiles(directory: string): string[] {
  return fs.readdirSync(directory).filter((name) => /^image-.*\.json$/.test(name)).sort();
}

/** The names of all plans of a cloud assembly, and of them those that cannot be built outside a pipeline, since nobody knows their commit. */
export function allPlans(directory: string): { readonly ready: string[]; readonly withoutTag: string[] } {
  const all = planFiles(directory);
  const withoutTag = all.filter((file) => hasNoTag(directory, file));
  return { ready: all.filter((file) => !withoutTag.includes(file)), withoutTag };
}

/** The name of an image; the file where its plan does not say it. */
export function planName(directory: string, file: string): string {
  const name = readOrNothing(directory, file)?.name;
  return typeof name === 'string' ? name : file;
}

function hasNoTag(directory: string, file: string): boolean {
  const plan = readOrNothing(directory, file);
  return plan?.version === PLAN_VERSION && plan.tag === undefined;
}

/** Whatever is wrong with a plan is said when it is read. */
function readOrNothing(directory: string, file: string): Partial<ImagePlan> | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8')) as Partial<ImagePlan> | null ?? undefined;
  } catch {
    return undefined;
  }
}
