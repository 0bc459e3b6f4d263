import { FaultScene, SceneBuild } from './fault-scene';
import { StepSettings } from '../../../../lib/plan/step-settings';

/** When something goes wrong: the parts of the page, in its order. */
export const phases = {
  input: 'Build input',
  login: 'Login',
  lookup: 'Checking whether the image exists',
  base: 'Base images',
  cache: 'Reading the layer cache',
  record: 'Reading the record of the last build',
  push: 'Pushing the image',
  publish: 'Checking the pushed image and setting its tag',
  export: 'Writing the layer cache and the record',
  tags: 'Additional tags',
  bucket: 'Layer cache in Amazon S3',
  machine: 'Build machine',
  engine: 'DockerBuilder.dockerEngine()',
  race: 'Concurrent builds',
} as const;

export type Phase = keyof typeof phases;

/** How it is called in a test. */
export function nameOf({ phase, broken }: Fault): string {
  return `${phases[phase]}: ${broken}`;
}

/** How a build went. `ended` is one that could not say anything any more. */
export type Result = 'built' | 'already there' | 'built by another build at the same time' | 'fails' | 'ended';

/** What a build did, in the words of the page. */
export interface Did {
  readonly result: Result;
  /** Whether all steps but those that had to run came from the cache, which BuildKit decides by chance for some faults; undefined where nothing was built. */
  readonly cache?: 'used' | 'not used' | 'used or not';
}

/** Something that goes wrong in a build, and what comes of it. */
export interface Fault {
  readonly phase: Phase;
  /** What is broken, for the page. */
  readonly broken: string;
  /** Whether a build before it has filled the cache. @default false */
  readonly isSecondBuild?: boolean;
  /** What the step says otherwise. */
  readonly settings?: (name: string) => Partial<StepSettings>;
  /** Breaks it, until the scene is mended. */
  readonly happen?: (scene: FaultScene) => void | Promise<void>;
  /** Runs the build during which it happens. @default builds */
  readonly play?: (scene: FaultScene) => Promise<SceneBuild>;
  readonly does: Did;
  /** What the log says, with `...` for what differs from build to build. */
  readonly says?: string;
  /** What the next build does: of the same source if there is no image yet, of another one if there is. */
  readonly next: Did;
  /** How many seconds the build takes at most. */
  readonly within: number;
}
