import { Dockerfile, DockerfileStage } from './dockerfile';
import { DockerfileInstruction } from './dockerfile-instruction';
import { DockerfileVariables } from './dockerfile-variables';

/** An instruction with its variables filled in, as far as the Dockerfile tells them. */
export interface StageInstruction extends DockerfileInstruction {
  readonly stage: DockerfileStage;
}

export interface BuildOptions {
  /** The stage that is built. @default - the last one */
  readonly target?: string;
  readonly buildArgs?: { readonly [name: string]: string };
}

/** The stages that one build goes through. */
export class BuiltStages {
  /** The stage that is built. */
  public readonly target?: DockerfileStage;
  /** All that the target needs, itself among them, in the order of the Dockerfile. */
  public readonly used: readonly DockerfileStage[];
  /** What was found out already: a chain of stages asks for each of them again and again. */
  private readonly bases = new Map<DockerfileStage, DockerfileStage | undefined>();
  private readonly known = new Map<DockerfileStage, readonly StageInstruction[]>();

  constructor(public readonly dockerfile: Dockerfile, private readonly options: BuildOptions) {
    this.target = dockerfile.stage(options.target);
    const used = new Set(this.target && [this.target]);
    for (const stage of used) {
      const base = this.baseOf(stage);
      const sources = stage.instructions.flatMap((instruction) => this.sourcesOf({ ...instruction, stage }));
      [...base ? [base] : [], ...sources].forEach((other) => used.add(other));
    }
    this.used = [...used].sort((one, other) => one.index - other.index);
  }

  /** The stage, after those that it starts from. */
  public ancestry(stage: DockerfileStage): DockerfileStage[] {
    const line: DockerfileStage[] = [];
    for (let member: DockerfileStage | undefined = stage; member; member = this.baseOf(member)) line.push(member);
    return line.reverse();
  }

  /** All that a stage is made of: its instructions, after those of the stages that it starts from. */
  public instructions(stage: DockerfileStage): readonly StageInstruction[] {
    if (!this.known.has(stage)) this.known.set(stage, this.resolved(stage));
    return this.known.get(stage)!;
  }

  /** The stages that an instruction takes files from. */
  public sourcesOf({ flags, stage }: StageInstruction): DockerfileStage[] {
    const names = flags.flatMap(({ name, value }) => name === 'from' ? value : name === 'mount' ? /(?:^|,)from=([^,]+)/.exec(value)?.[1] ?? [] : []);
    return names.flatMap((name) => this.dockerfile.stageBefore(stage, name, { byIndex: true }) ?? []);
  }

  /** What a FROM says, with its variables filled in; undefined when they are not known. */
  public ofFrom(text: string): string | undefined {
    return this.variables().image(text);
  }

  /** The stage that a stage starts from, if it is one. */
  public baseOf(stage: DockerfileStage): DockerfileStage | undefined {
    if (!this.bases.has(stage)) {
      const name = this.ofFrom(stage.base);
      this.bases.set(stage, name === undefined ? undefined : this.dockerfile.stageBefore(stage, name, { byIndex: false }));
    }
    return this.bases.get(stage);
  }

  private resolved(stage: DockerfileStage): StageInstruction[] {
    let variables: DockerfileVariables | undefined;
    return this.ancestry(stage).flatMap((member) => {
      const own = variables = variables?.inherit(this.dockerfile) ?? this.variables();
      return member.instructions.map((instruction) => {
        if (['ARG', 'ENV'].includes(instruction.keyword)) {
          own.declare(instruction);
        }
        const fill = (text: string) => own.resolve(text) ?? text;
        const flags = instruction.flags.map(({ name, value }) => ({ name, value: fill(value) }));
        return { ...instruction, stage: member, words: instruction.words.map(fill), flags };
      });
    });
  }

  private variables(): DockerfileVariables {
    return new DockerfileVariables(this.dockerfile, this.options.buildArgs ?? {});
  }
}
