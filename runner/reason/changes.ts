import { BuildInputs, globalsOf, InputsOfBuild, LineInputs } from './build-inputs';
import { changedFiles } from './changed-files';
import { MAIN_CONTEXT } from './context-contents';
import { sourcesOf, StepSource } from './copied-files';
import { Reason, UNSURE, verb } from './reason';
import { sameStage } from './same-stage';
import { linesOf, StageLine, variablesIn } from './stage-lines';
import { BuiltStages, StageInstruction } from '../../lib/dockerfile/built-stages';
import { DockerfileStage } from '../../lib/dockerfile/dockerfile';
import { fullName } from '../registry/image-name';
import { STEPS } from '../solve/steps-below';

/** A build beside the last one: what of that which makes steps run is not the same. */
export class Changes {
  private readonly stages: BuiltStages;
  private readonly lines: readonly (readonly StageLine[])[];

  constructor(private readonly build: InputsOfBuild, private readonly now: BuildInputs, private readonly before: BuildInputs) {
    const { job: { plan: { target, buildArgs } }, dockerfile } = build;
    this.stages = new BuiltStages(dockerfile, { target, buildArgs });
    this.lines = dockerfile.stages.map((stage) => linesOf(dockerfile, stage));
  }

  /** What makes a step run by itself, whatever was changed before it. */
  public ofStep(stage: DockerfileStage, line: number): Reason[] {
    const own = this.lines[stage.index];
    const index = own.findIndex(({ instruction }) => instruction.line === line);
    const [inputs, known] = [this.now.stages[stage.index].lines[index], this.sameStep(stage, index)];
    if (!inputs || !known || known[0] !== inputs[0] || known[1] !== inputs[1]) return [changedLines([line])];

    const step = this.filled(stage, line);
    const settings = this.settingsOf(stage, index);
    const variables = settings.flatMap(({ declares, instruction }) => [...declares, ...variablesIn(instruction.rest)]);
    const found = [
      ...this.changedSettings(settings),
      ...this.goneSettings(stage, index),
      ...this.changedArguments([...variables, ...variablesIn(own[index].text)]),
      ...step.keyword === 'RUN' ? this.changedPeriod() : [],
    ];
    // Of a copy, they may be those that have changed which files it names.
    if (found.length === 0 || step.keyword === 'RUN') found.push(...sourcesOf(step).flatMap((source) => this.changedSource(stage, source)));
    if (found.length === 0 && known[2] !== inputs[2]) found.push({ kind: 'linked-copies', text: 'it was not built in the way that it is now, with or without --link' });
    const standsAlone = step.flags.some(({ name }) => name === 'link') || inputs[2] !== undefined;
    if (this.isFirst(stage, index) && !(standsAlone && found.length > 0)) found.push(...this.changedBase(stage));
    return found;
  }

  /** What has changed of that which a step builds upon: the base image, the steps in front of it, the stages that it takes files from. */
  public below(stage: DockerfileStage, line: number, seen = new Set<DockerfileStage>()): Reason[] {
    return this.stages.ancestry(stage).flatMap((member) => {
      if (seen.has(member)) return [];
      seen.add(member);
      const last = member === stage ? line : Infinity;
      const steps = this.lines[member.index].filter(({ keyword, instruction }) => STEPS.includes(keyword) && instruction.line <= last);
      return [...this.changedBase(member), ...steps.flatMap(({ instruction }) => [
        ...instruction.line < last ? this.ofStep(member, instruction.line) : [],
        ...this.stages.sourcesOf(this.filled(member, instruction.line)).flatMap((source) => this.below(source, Infinity, seen)),
      ])];
    });
  }

  private filled(stage: DockerfileStage, line: number): StageInstruction {
    return this.stages.instructions(stage).find((instruction) => instruction.line === line)!;
  }

  /** The step of the last build in the same place. */
  private sameStep(stage: DockerfileStage, index: number): LineInputs | undefined {
    const place = this.now.stages[stage.index].lines.slice(0, index).filter(isStep).length;
    return sameStage(stage, this.now, this.before)?.lines.filter(isStep)[place];
  }

  private isFirst(stage: DockerfileStage, index: number): boolean {
    const others = this.stages.ancestry(stage).slice(0, -1).flatMap((member) => this.lines[member.index]);
    return ![...others, ...this.lines[stage.index].slice(0, index)].some(({ keyword }) => STEPS.includes(keyword));
  }

  /** What in front of a step counts for it: all for a RUN, and for others what the variables in them come from. */
  private settingsOf(stage: DockerfileStage, index: number): StageLine[] {
    const own = this.lines[stage.index];
    const inherited = this.stages.ancestry(stage).slice(0, -1).flatMap((member) => this.lines[member.index].filter(({ keyword }) => keyword !== 'ARG'));
    const all = [...inherited, ...own.slice(0, index)].filter(({ keyword }) => isSetting([keyword]));
    if (own[index].keyword === 'RUN') return all;
    const wanted = new Set(variablesIn(own[index].text));
    return all.reverse().filter(({ declares, instruction }) => {
      const counts = declares.some((name) => wanted.has(name));
      if (counts) variablesIn(instruction.rest).forEach((name) => wanted.add(name));
      return counts;
    });
  }

  private changedSettings(settings: readonly StageLine[]): Reason[] {
    const changed = settings.filter((setting) => {
      const stage = this.build.dockerfile.stages.find(({ index }) => this.lines[index].includes(setting))!;
      const [keyword, digest, defaults] = this.now.stages[stage.index].lines[this.lines[stage.index].indexOf(setting)];
      const known = sameStage(stage, this.now, this.before)?.lines.filter((line) => line[0] === keyword && line[1] === digest) ?? [];
      if (keyword !== 'ARG') return known.length === 0;
      // One without a value changes nothing, and a default that is not used does not either.
      const given = setting.declares.filter((name) => Object.hasOwn(this.build.job.plan.buildArgs, name));
      if (known.length === 0) return given.length > 0 || setting.defaults!.includes('=');
      return given.length < setting.declares.length && known.every((line) => line[2] !== defaults);
    });
    return changed.length === 0 ? [] : [changedLines(changed.map(({ line }) => line))];
  }

  /** A RUN depends on all settings in front of it, and so on those that were taken away. */
  private goneSettings(stage: DockerfileStage, index: number): Reason[] {
    const { keyword, instruction } = this.lines[stage.index][index];
    if (keyword !== 'RUN') return [];
    const lines = sameStage(stage, this.now, this.before)!.lines;
    const now = this.now.stages[stage.index].lines.slice(0, index).map(String);
    const gone = lines.slice(0, lines.indexOf(this.sameStep(stage, index)!)).filter((line) => isSetting(line) && line[0] !== 'ARG' && !now.includes(String(line)));
    const added = this.now.stages[stage.index].lines.slice(0, index).filter((line) => isSetting(line) && line[0] !== 'ARG').map(String);
    const isChanged = added.some((line) => !lines.map(String).includes(line)); // then one took the place of the other
    return gone.length === 0 || isChanged ? [] : [{ kind: 'dockerfile', text: `the Dockerfile changed (above line ${instruction.line})` }];
  }

  private changedArguments(names: readonly string[]): Reason[] {
    const [now, before] = [this.now, this.before].map(({ buildArgs }) => new Map(Object.entries(buildArgs)));
    const changed = [...new Set(names)].filter((name) => now.get(name) !== before.get(name));
    return changed.map((name) => ({ kind: 'build-argument', text: `the build argument ${name} ${verb(before.get(name), now.get(name))}` }));
  }

  private changedPeriod(): Reason[] {
    const { refreshPeriod } = this.now;
    if (refreshPeriod === this.before.refreshPeriod) return [];
    return [{ kind: 'refresh-period', text: refreshPeriod === undefined ? 'its tag has no refresh periods any more' : 'a refresh period began' }];
  }

  /** Another FROM, other arguments in it, or another image of the same name. */
  private changedBase(stage: DockerfileStage): Reason[] {
    const [root] = this.stages.ancestry(stage);
    const { from, defaults } = this.now.stages[root.index];
    const known = sameStage(root, this.now, this.before);
    const globals = globalsOf(this.build.dockerfile, root);
    if (known?.from !== from) return [changedLines([root.line])];
    const ofArguments = this.changedArguments([...variablesIn(root.base), ...globals.flatMap(({ rest }) => variablesIn(rest))]);
    if (ofArguments.length > 0) return ofArguments;
    if (known.defaults !== defaults) return [changedLines(globals.map(({ line }) => line))];
    return root.isOnContext ? this.changedContext(root.base, { paths: ['.'], isExact: true }) : this.changedImage(this.stages.ofFrom(root.base));
  }

  private changedImage(name: string | undefined): Reason[] {
    if (name === undefined) return [UNSURE];
    if (name === 'scratch') return [];
    const plain = name.split('@')[0];
    const image = fullName(/:[^/]*$/.test(plain) ? plain : `${plain}:latest`);
    const [now, before] = [this.now.baseImages[image], this.before.baseImages[image]];
    if (now === undefined || before === undefined) return [UNSURE];
    return now === before ? [] : [{ kind: 'base-image', text: `the base image ${plain} is another one` }];
  }

  private changedSource(stage: DockerfileStage, { from, ...source }: StepSource): Reason[] {
    if (from === undefined) return changedFiles(this.build, this.before, MAIN_CONTEXT, source);
    if (this.build.dockerfile.stageBefore(stage, from, { byIndex: true })) return []; // its own steps say it
    if (/\$/.test(from)) return [UNSURE];
    return Object.hasOwn(this.build.job.plan.buildContexts ?? {}, from.toLowerCase()) ? this.changedContext(from, source) : this.changedImage(from);
  }

  private changedContext(name: string, source: Omit<StepSource, 'from'>): Reason[] {
    return changedFiles(this.build, this.before, name.toLowerCase(), source);
  }
}

function isStep([keyword]: readonly (string | undefined)[]): boolean {
  return STEPS.includes(keyword!);
}

/** A WORKDIR is one, too. */
function isSetting(line: readonly (string | undefined)[]): boolean {
  return line[0] === 'WORKDIR' || !isStep(line);
}

export function changedLines(lines: readonly number[]): Reason {
  const all = [...new Set(lines)].sort((one, other) => one - other);
  return { kind: 'dockerfile', text: `the Dockerfile changed (line${all.length === 1 ? '' : 's'} ${all.join(', ')})` };
}
