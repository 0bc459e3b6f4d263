import { BoundBuilder } from '../builder/bound-builder';
import { LayerCache } from '../cache/layer-cache';

/** Raises an error that names what goes together, when these two do not. */
export function checkCombination(step: string, cache: LayerCache, { name, layerCaches }: Pick<BoundBuilder, 'layerCaches'> & { readonly name: string }): void {
  if (!layerCaches.includes(cache._name)) {
    throw new Error(`'${step}': ${cache._name} does not go with ${name}; use ${cache._usualBuilder} with it, or ${layerCaches.join(' or ')} with ${name}`);
  }
}
