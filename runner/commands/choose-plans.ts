import { UsageError } from './usage-error';
import { planFiles, planName } from '../input/read-plan';

/** The files of the plans of images that are named: by the name of the image, or by the file itself, which ends with `.json`. */
export function choosePlans(assembly: string, names: readonly string[]): string[] {
  return [...new Set(names.map((name) => (name.endsWith('.json') ? name : planOf(assembly, name))))];
}

function planOf(assembly: string, name: string): string {
  const all = planFiles(assembly).map((file) => ({ file, name: planName(assembly, file) }));
  const found = all.filter((image) => image.name === name);
  if (found.length === 1) return found[0].file;
  if (found.length > 1) throw new UsageError(`${found.length} images are called '${name}': name the plan of one of them instead, ${found.map(({ file }) => file).join(' or ')}`);
  throw new UsageError(`the app has no image '${name}'. ${all.length === 0 ? `There is none in ${assembly}` : `It has: ${all.map((image) => image.name).join(', ')}`}`);
}
