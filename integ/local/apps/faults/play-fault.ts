import { isDeepStrictEqual } from 'util';
import { Did, Fault, Result } from './fault';
import { FaultScene, SceneBuild } from './fault-scene';
import { ImageContent } from '../../images/pushed-image';
import { Lab } from '../../world/lab';

/** What came of a fault. */
export interface PlayedFault {
  readonly build: PlayedBuild;
  readonly next: PlayedBuild;
}

export interface PlayedBuild {
  readonly did: Did;
  /** What is under the tag afterwards. */
  readonly tagged: 'the right image' | 'nothing' | 'another image';
  readonly log: string;
  readonly seconds: number;
}

/** A scene in which an image was built without any fault. */
export interface Template {
  readonly scene: FaultScene;
  readonly image: ImageContent;
}

export async function makeTemplate(lab: Lab): Promise<Template> {
  const scene = new FaultScene(lab, 'template');
  await scene.prepare();
  const { code, log } = await scene.build();
  if (code !== 0) throw new Error(log);
  return { scene, image: await scene.read(scene.tag) };
}

/** Builds while something is broken, and once more when it is not. */
export async function playFault(template: Template, name: string, { isSecondBuild = false, settings, happen, play }: Fault): Promise<PlayedFault> {
  const scene = new FaultScene(template.scene.lab, name, settings?.(name));
  await scene.prepare(isSecondBuild && !settings ? template.scene : undefined);
  if (isSecondBuild && settings) await scene.build();
  if (isSecondBuild) scene.change({ marker: 'second' });
  try {
    await happen?.(scene);
    const build = await observe(template, scene, await (play ? play(scene) : scene.build()));
    await scene.mend();
    if (build.tagged !== 'nothing' && !hasFailed(build)) scene.change({ marker: 'next' });
    return { build, next: await observe(template, scene, await scene.build()) };
  } finally {
    await scene.mend();
  }
}

function hasFailed({ did: { result } }: PlayedBuild): boolean {
  return result === 'fails' || result === 'ended';
}

async function observe({ image }: Template, scene: FaultScene, build: SceneBuild): Promise<PlayedBuild> {
  const tags = await scene.tags();
  const expected = scene.expected(image);
  const isRight = async (tag: string) => isDeepStrictEqual(await scene.read(tag), expected);
  const tagged = !tags.includes(scene.tag) ? 'nothing' : await isRight(scene.tag) ? 'the right image' : 'another image';
  return { did: whatItDid(build), tagged, log: build.log, seconds: build.seconds };
}

function whatItDid({ code, report }: SceneBuild): Did {
  if (code !== 0) return { result: code === 1 ? 'fails' : 'ended' };
  const [, cached] = /^(\d+) cached/.exec(report.steps) ?? [];
  return { result: report.result as Result, ...cached !== undefined && { cache: Number(cached) > 0 ? 'used' as const : 'not used' as const } };
}

/** Whether a log has a line with these words, `...` being any. */
export function saysLike(words: string): RegExp {
  return new RegExp(words.split('...').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*'));
}

