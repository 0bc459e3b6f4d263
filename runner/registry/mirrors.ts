import { request } from './https-client';
import { fullName } from './image-name';
import { MirrorSettings } from '../../lib/plan/step-settings';
import { WorkDirectory } from '../process/work-directory';
import { Failure, reasonOf } from '../report/failure';
import { Log } from '../report/log';

/** A registry and where its images come from instead. */
export interface Mirror {
  readonly upstream: string;
  readonly endpoint: string;
}

/**
 * Base images from mirrors, by a source policy: with each solve, BuildKit is told which registry stands for which. It holds for whatever a Dockerfile names,
 * in every BuildKit, wherever it runs. What a mirror cannot give is then an error of the build, never a silent detour.
 */
export class Mirrors {
  private readonly givenUp = new Set<Mirror>();
  private readonly all: readonly Mirror[];
  /** Whether the build fails when a mirror does. */
  public readonly areRequired: boolean;
  private policy?: string;

  constructor({ mirrors, mirrorsRequired }: MirrorSettings, private readonly work: WorkDirectory, private readonly log: Log) {
    this.all = mirrors ?? [];
    this.areRequired = mirrorsRequired ?? false;
  }

  public get inUse(): readonly Mirror[] {
    return this.all.filter((mirror) => !this.givenUp.has(mirror));
  }

  /** Asks each mirror whether it answers, so that a silent one does not hold a build. Any answer is one. */
  public async ask(): Promise<void> {
    await Promise.all(this.inUse.map(async (mirror) => {
      const url = `https://${mirror.endpoint.split('/')[0]}/v2/`;
      try {
        const { status } = await request({ method: 'GET', url, attempts: 2, silence: 10_000 });
        if (status >= 500) this.giveUp(`it answers with HTTP ${status}`, [mirror]);
      } catch (error) {
        if (error instanceof MirrorFailure) throw error;
        this.giveUp(reasonOf(error), [mirror]);
      }
    }));
  }

  /** Base images come from their own registries from now on. Fails where mirrors are required. */
  public giveUp(reason: string, mirrors: readonly Mirror[] = this.inUse): void {
    for (const mirror of mirrors) {
      const { upstream, endpoint } = mirror;
      if (this.areRequired) {
        throw new MirrorFailure(`the mirror ${endpoint} of ${upstream} failed, and the builder was declared with fallbackToUpstream: false: ${reason}`);
      }
      this.log.warn(`the mirror ${endpoint} of ${upstream} failed, base images come from ${upstream} itself: ${reason}`);
      this.givenUp.add(mirror);
    }
  }

  /** What tells a solve about them. */
  public get environment(): { readonly [name: string]: string } {
    if (this.inUse.length === 0) return {};
    const rules = this.inUse.map(({ upstream, endpoint }) => ({
      action: 'CONVERT',
      selector: { identifier: `docker-image://${upstream}/*` },
      updates: { identifier: `docker-image://${endpoint}/\${1}` },
    }));
    const policy = JSON.stringify({ rules });
    const file = this.work.path(`mirrors-${this.givenUp.size}.json`);
    if (this.policy !== policy) this.work.write(`mirrors-${this.givenUp.size}.json`, policy);
    this.policy = policy;
    return { EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: file };
  }

  /** The mirror of an image's registry, if it has one. */
  public mirrorOf(image: string): Mirror | undefined {
    return this.inUse.find(({ upstream }) => upstream === fullName(image).split('/')[0]);
  }

  /** Where an image comes from. */
  public mirrored(image: string): string {
    const name = fullName(image);
    const mirror = this.mirrorOf(image);
    return mirror ? `${mirror.endpoint}${name.slice(name.indexOf('/'))}` : image;
  }

  /** Where the base images of each registry with a mirror came from; undefined without mirrors. */
  public get report(): string | undefined {
    if (this.all.length === 0) return undefined;
    return this.all.map((mirror) => (this.givenUp.has(mirror)
      ? `${mirror.upstream} itself, since its mirror failed`
      : `${mirror.upstream} by ${mirror.endpoint}`)).join(', ');
  }
}

/** A mirror that has to be there is not. */
export class MirrorFailure extends Failure {}
