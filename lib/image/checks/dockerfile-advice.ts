import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { DockerfileHint } from '../../dockerfile/dockerfile-hints';

/**
 * Shows hints on a construct, each under an id of its own: `cdk-cached-docker-build:cacheMount`, say. What is wasted for sure is a
 * warning, which `Annotations.of(image).acknowledgeWarning()` takes away; the rest are infos, and `acknowledgeInfo()` does it.
 *
 * @param dockerfile how the Dockerfile is called in the context
 */
export function adviseOn(image: IConstruct, dockerfile: string, hints: readonly DockerfileHint[]): void {
  for (const id of new Set(hints.map((hint) => hint.id))) {
    const same = hints.filter((hint) => hint.id === id);
    const text = `${dockerfile}: ${same.map(({ message }) => message).join('; ')}`;
    const annotations = Annotations.of(image);
    if (same[0].isWarning) {
      annotations.addWarningV2(`cdk-cached-docker-build:${id}`, text);
    } else {
      annotations.addInfoV2(`cdk-cached-docker-build:${id}`, text);
    }
  }
}
