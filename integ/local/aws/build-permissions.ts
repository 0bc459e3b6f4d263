import { grantsOf, matches, PolicyStatement } from './role-policy';

/** What a request needs: an action on a resource, in a context that conditions can ask for. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context?: { readonly [key: string]: string };
}

/** What CDK Pipelines lets every step do, with resources of its own. */
const LOG_AND_REPORTS = /^(logs|codebuild):/;

/** What the role of a build may do, as the template has it, and what of it was done. */
export class BuildPermissions {
  private readonly needed = new Set<string>();
  private readonly refused = new Set<string>();

  /** @param ofEveryStep what the CDK lets every step of the pipeline do, as `action resource` */
  public constructor(private readonly statements: readonly PolicyStatement[], private readonly ofEveryStep: readonly string[] = []) {}

  /** What the library lets the build do. */
  public get granted(): string[] {
    return [...new Set(this.statements.flatMap(grantsOf))].filter(grant => !LOG_AND_REPORTS.test(grant) && !this.ofEveryStep.includes(grant)).sort();
  }

  /** Says whether the build may, and keeps it in mind. */
  public allows(need: Need): boolean {
    const allowed = this.statements.some(statement => permits(statement, need));
    (allowed ? this.needed : this.refused).add(`${need.action} ${need.resource}`);
    return allowed;
  }

  /** What the build asked for and was not allowed, as `action resource`. */
  public get missing(): string[] {
    return [...this.refused].sort();
  }

  /** What it asked for and was allowed. */
  public get used(): string[] {
    return [...this.needed].sort();
  }

  /** What it was allowed, and neither this build nor one of the others with the same permissions has done. */
  public unused(...others: readonly BuildPermissions[]): string[] {
    const used = [this, ...others].flatMap(build => build.used);
    return this.granted.filter(grant => !used.some(each => matches(grant, each)));
  }
}

function permits({ Effect, Action, Resource, Condition }: PolicyStatement, { action, resource, context = {} }: Need): boolean {
  if (Effect !== 'Allow') throw new Error(`the play does not know the effect ${Effect}`);
  return [Action].flat().some(wildcard => matches(wildcard, action))
    && [Resource].flat().some(wildcard => matches(wildcard, resource))
    && Object.entries(Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, [values].flat(), context[key])));
}

function holds(operator: string, values: readonly string[], given: string | undefined): boolean {
  const [, kind, ifExists] = /^(StringEquals|StringLike)(IfExists)?$/.exec(operator) ?? [];
  if (kind === undefined) throw new Error(`the play does not know the condition ${operator}`);
  if (given === undefined) return ifExists !== undefined;
  return values.some(value => kind === 'StringLike' ? matches(value, given) : value === given);
}
