import { BuildInputs, globalsOf, InputsOfBuild } from './build-inputs';
import { changedPlaces } from './changed-files';
import { changedLines } from './changes';
import { MAIN_CONTEXT } from './context-contents';
import { ReasonKind, verb } from './reason';
import { sameStage } from './same-stage';
import { linesOf } from './stage-lines';

/** One thing that is not what it was in the last build, whatever it makes run. */
export interface Difference {
  readonly kind: ReasonKind;
  /** Of a file. A slash at the end is that of a folder, where the context has too many files. */
  readonly path?: string;
  /** The name of the context of that file; undefined for that of the image. */
  readonly context?: string;
  /** For a person. */
  readonly text: string;
}

/** All that an image is made from, beside what the last build has left of it. */
export function differences(build: InputsOfBuild, now: BuildInputs, before: BuildInputs): Difference[] {
  return [
    ...changedDockerfile(build, now, before),
    ...changedValues(now.buildArgs, before.buildArgs).map(({ name, change }): Difference => ({ kind: 'build-argument', text: `the build argument ${name} ${change}` })),
    ...changedBaseImages(now, before),
    ...changedContexts(build, before),
    ...now.refreshPeriod === before.refreshPeriod ? [] : [{ kind: 'refresh-period', text: 'another refresh period began' } as const],
    ...now.others === before.others ? [] : [{ kind: 'unknown', text: 'something else changed: the platform, the target, what secrets and contexts are called, or how the Dockerfile is read' } as const],
  ];
}

function changedDockerfile({ dockerfile }: InputsOfBuild, now: BuildInputs, before: BuildInputs): Difference[] {
  const lines = dockerfile.stages.flatMap((stage) => {
    const own = now.stages[stage.index];
    const known = sameStage(stage, now, before);
    if (known?.from !== own.from) return [stage.line];
    const old = new Set(known.lines.map(textOf));
    return [
      ...known.defaults === own.defaults ? [] : globalsOf(dockerfile, stage).map(({ line }) => line),
      ...linesOf(dockerfile, stage).filter((_, index) => !old.has(textOf(own.lines[index]))).map(({ line }) => line),
    ];
  });
  const left = new Set(now.stages.flatMap(({ lines: all }) => all.map(textOf)));
  const gone = before.stages.flatMap(({ lines: all }) => all).filter((line) => !left.has(textOf(line))).length;
  if (lines.length > 0) return [changedLines(lines)];
  return gone === 0 ? [] : [{ kind: 'dockerfile', text: `the Dockerfile has ${gone} instruction${gone === 1 ? '' : 's'} less` }];
}

/** How a copy was built is no difference of the Dockerfile. */
function textOf([keyword, digest, more]: readonly (string | undefined)[]): string {
  return JSON.stringify(keyword === 'ARG' ? [keyword, digest, more] : [keyword, digest]);
}

function changedBaseImages(now: BuildInputs, before: BuildInputs): Difference[] {
  const both = Object.keys(now.baseImages).filter((image) => Object.hasOwn(before.baseImages, image)); // of any other one, the Dockerfile says it
  return both.filter((image) => now.baseImages[image] !== before.baseImages[image]).map((image) => ({ kind: 'base-image', text: `the base image ${image} is another one` }));
}

function changedContexts({ job: { plan }, contexts }: InputsOfBuild, before: BuildInputs): Difference[] {
  return [...contexts].flatMap(([name, content]) => {
    const known = before.files[name];
    if (!known) return [];
    const { now, old, changed } = changedPlaces(plan.cacheName, content, known);
    return changed.sort().map((path): Difference => ({
      kind: 'files', path, ...name !== MAIN_CONTEXT && { context: name }, text: `\`${path}\`${name === MAIN_CONTEXT ? '' : ` of the context '${name}'`} ${verb(old.get(path), now.get(path))}`,
    }));
  });
}

function changedValues(now: { readonly [name: string]: string }, before: { readonly [name: string]: string }) {
  const names = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((name) => now[name] !== before[name]);
  return names.map((name) => ({ name, change: verb(before[name], now[name]) }));
}
