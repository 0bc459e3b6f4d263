import { Dockerfile } from './dockerfile';
import { DockerfileInstruction } from './dockerfile-instruction';

/** Of a value that is longer, nothing depends but the memory: a few lines that each double the one before are enough for all of it. In characters. */
const MAX_LENGTH = 100_000;

/** The variables of a stage, as far as the Dockerfile tells them. */
export class DockerfileVariables {
  private readonly globals = new Map<string, string>();
  private readonly values = new Map<string, string | undefined>();
  private readonly environment = new Set<string>();

  constructor(dockerfile: Dockerfile, private readonly buildArgs: { readonly [name: string]: string }) {
    for (const instruction of dockerfile.globalArguments) {
      for (const [name, value] of assignments(instruction.rest)) {
        const given = this.given(name) ?? (value === undefined ? undefined : this.expand(value, this.globals));
        if (given !== undefined) {
          this.globals.set(name, given);
        }
      }
    }
  }

  /** The name of an image as `FROM` gives it, if all its variables are known. */
  public image(base: string): string | undefined {
    return this.expand(base, this.globals);
  }

  /** Those of a stage that starts from this one: it has the environment, but not the arguments. */
  public inherit(dockerfile: Dockerfile): DockerfileVariables {
    const heir = new DockerfileVariables(dockerfile, this.buildArgs);
    this.environment.forEach((name) => heir.set(name, this.values.get(name)));
    return heir;
  }

  /** A value that the base image brings. */
  public define(name: string, value: string): void {
    this.set(name, value);
  }

  /** Takes in an `ARG` or an `ENV`. */
  public declare({ keyword, rest }: DockerfileInstruction): void {
    const isOldForm = keyword === 'ENV' && !/^[^\s=]+=/.test(rest);
    const found = isOldForm ? [[rest.split(/\s/)[0], rest.replace(/^\S+\s*/, '')] as const] : assignments(rest);
    // Within one instruction, all see the values of before.
    const expanded = found.map(([name, value]) => [name, value === undefined ? undefined : this.resolve(value)] as const);
    for (const [name, value] of expanded) {
      if (keyword === 'ENV') {
        this.set(name, value);
      } else if (!this.environment.has(name)) {
        this.values.set(name, this.given(name) ?? value ?? this.globals.get(name));
      }
    }
  }

  /** A text with the variables replaced, unless it holds one that is not known or a form of it that is not understood. */
  public resolve(text: string): string | undefined {
    return this.expand(text, this.values);
  }

  private given(name: string): string | undefined {
    return Object.hasOwn(this.buildArgs, name) ? this.buildArgs[name] : undefined;
  }

  private set(name: string, value: string | undefined): void {
    this.values.set(name, value);
    this.environment.add(name);
  }

  private expand(text: string, values: ReadonlyMap<string, string | undefined>): string | undefined {
    let isKnown = !/[\\'"`]/.test(text);
    let length = text.length;
    const expanded = text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced, plain) => {
      const value = values.get(braced ?? plain);
      length += value?.length ?? 0;
      isKnown &&= value !== undefined && length <= MAX_LENGTH;
      return isKnown ? value! : '';
    });
    return isKnown && !expanded.includes('$') ? expanded : undefined;
  }
}

function assignments(rest: string): [string, string | undefined][] {
  return (rest.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map((word) => {
    const [, name, value] = /^([^=]+)(?:=(.*))?$/s.exec(word) ?? [undefined, word, undefined];
    return [name, value?.replace(/^(["'])([^"'\\$]*|[^"'\\]*)\1$/, (whole, quote, inner) => quote === '\'' && inner.includes('$') ? whole : inner)];
  });
}
