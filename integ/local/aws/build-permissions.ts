import { matches, PolicyStatement } from './role-policy';

/** What a request needs: an action on a resource, in a context that conditions can ask for. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context?: { readonly [key: string]: string };
}

/** What every step of CDK Pipelines may do, whatever it builds: its log, its reports, its input. The wildcards in actions are the mark of the grants of the CDK. */
const OF_EVERY_STEP = /^(logs|codebuild):|^s3:\w+\*$/;

/** What the role of a build may do, as the template has it, and what of it was done. */
export class BuildPermissions {
  private readonly needed = new Set<string>();
  private readonly refused = new Set<string>();

  public constructor(private readonly statements: readonly PolicyStatement[]) {}

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
    const granted = this.statements.flatMap(({ Action, Resource }) => [Action].flat().flatMap(action => [Resource].flat().map(resource => `${action} ${resource}`)));
    return [...new Set(granted)].filter(pair => !OF_EVERY_STEP.test(pair.split(' ')[0]) && !used.some(each => matches(pair, each))).sort();
  }
}

function permits({ Effect, Action, Resource, Condition }: PolicyStatement, { action, resource, context = {} }: Need): boolean {
  if (Effect !== 'Allow') throw new Error(`the play does not know the effect ${Effect}`);
  return [Action].flat().some(wildcard => matches(wildcard, action))
    && [Resource].flat().some(wildcard => matches(wildcard, resource))
    && Object.entries(Condition ?? {}).every(([operator, keys]) => Object.entries(keys).every(([key, values]) => holds(operator, [values].flat(), context[key])));
}

function holds(operator: string, values: readonly string[], given: string | undefined): boolean {
  const [, kind, ifExists] = /^(StringEquals|StringLike)(IfExists)?$/.exec(operator) ?? [];
  if (kind === undefined) throw new Error(`the play does not know the condition ${operator}`);
  if (given === undefined) return ifExists !== undefined;
  return values.some(value => kind === 'StringLike' ? matches(value, given) : value === given);
}
