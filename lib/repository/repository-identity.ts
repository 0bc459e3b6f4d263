import { Stack, Stage, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import { TagPlace } from './tag-claims';
import { PLACEHOLDERS } from '../plan/image-plan';

/**
 * What a stage has to know of a repository in the pipeline's stage: plain values, because no reference can cross between them.
 */
export class RepositoryIdentity implements TagPlace {
  /** Raises an error when the repository cannot be known to the stages that use the image. */
  public static of(image: Construct, repository: ecr.IRepository): RepositoryIdentity {
    const definition = repository.node.defaultChild;
    const owned = definition instanceof ecr.CfnRepository;
    if (owned && Stage.of(repository) !== Stage.of(image)) {
      throw new Error(`'${image.node.path}': the repository '${repository.node.path}' belongs to another stage; define it in the stack of the pipeline, so that it is there before the image is built`);
    }
    const name = owned ? definition.repositoryName : repository.repositoryName;
    if (name === undefined || Token.isUnresolved(name)) {
      throw new Error(`'${image.node.path}': the name of the repository '${repository.node.path}' must be known at synthesis, because other stages find the repository by it; give it a repositoryName, or use an ImageRepository`);
    }
    return new RepositoryIdentity(name, repository.env.account, repository.env.region, owned ? definition : undefined);
  }

  /** What is to know of a repository that only builds use. Its name may be known at deployment only. */
  public static ofCache(repository: ecr.IRepository): RepositoryIdentity {
    const definition = repository.node.defaultChild;
    const owned = definition instanceof ecr.CfnRepository;
    const name = owned ? definition.repositoryName : repository.repositoryName;
    const isKnown = name !== undefined && !Token.isUnresolved(name);
    const { account, region } = repository.env;
    return new RepositoryIdentity(isKnown ? name : repository.node.path, account, region, owned ? definition : undefined, isKnown);
  }

  private constructor(
    public readonly name: string,
    /** A token in a stack that does not say its account. */
    public readonly account: string,
    /** A token in a stack that does not say its region. */
    public readonly region: string,
    /** Undefined for a repository that is defined elsewhere. */
    private readonly definition?: ecr.CfnRepository,
    /** Whether the name is that of the repository, and no other one that stands for it. */
    public readonly isNameKnown = true,
  ) {}

  /** Whether a tag that is set again with each build fails the second time. */
  public isImmutable(tag: string): boolean {
    return this.isImmutableByDefault && !this.isExempt(tag);
  }

  /** Whether a tag is one of the few that move, in a repository where the others do not. */
  public isMoving(tag: string): boolean {
    return this.isImmutableByDefault && this.isExempt(tag);
  }

  private get isImmutableByDefault(): boolean {
    return this.definition?.imageTagMutability?.startsWith('IMMUTABLE') ?? false;
  }

  private isExempt(tag: string): boolean {
    const filters = this.definition?.imageTagMutabilityExclusionFilters;
    return Array.isArray(filters) && filters.some((filter) => 'imageTagMutabilityExclusionFilterValue' in filter
      && new RegExp(`^${filter.imageTagMutabilityExclusionFilterValue.split('*').map(escapeRegExp).join('.*')}$`).test(tag));
  }

  /** The address of the repository for the plan of a build: with placeholders for what is not known at synthesis, since a plan is no template. */
  public get planAddress(): string {
    const account = Token.isUnresolved(this.account) ? PLACEHOLDERS.account : this.account;
    const region = Token.isUnresolved(this.region) ? PLACEHOLDERS.region : this.region;
    const suffix = Token.isUnresolved(this.region) ? PLACEHOLDERS.urlSuffix : RegionInfo.get(this.region).domainSuffix ?? 'amazonaws.com';
    return `${account}.dkr.ecr.${region}.${suffix}/${this.name}`;
  }

  /** For messages. */
  public get what(): string {
    return `repository '${this.name}'`;
  }

  /** One repository as a text, to compare it with others. */
  public get key(): string {
    return [this.account, this.region, this.name].map((part) => (Token.isUnresolved(part) ? 'here' : part)).join('/');
  }

  /**
   * The account in which a consumer uses the repository: that of the pipeline, where its stack does not say one.
   * Raises an error when it cannot use the repository where it is.
   */
  public accountOf(image: Construct, consumer: Construct): string {
    const { account, region } = Stack.of(consumer);
    checkKnown(image, consumer, 'region', region, this.region);
    checkKnown(image, consumer, 'account', account, this.account);
    // A stage that does not say where it is goes where the pipeline is.
    const here = Token.isUnresolved(region) ? Stack.of(image).region : region;
    if (!Token.isUnresolved(here) && !Token.isUnresolved(this.region) && here !== this.region) {
      throw new Error(`'${consumer.node.path}': the image '${image.node.path}' is in region ${this.region}, and can be used in that region only, got ${here}; define another image with a repository in ${here}`);
    }
    return Token.isUnresolved(account) ? Stack.of(image).account : account;
  }

  /** The repository, for a construct of any stage. Two uses in one scope share the import. */
  public importInto(scope: Construct, id: string): ecr.IRepository {
    const existing = scope.node.tryFindChild(id) as ecr.IRepository | undefined;
    if (existing) {
      return existing;
    }
    if (Token.isUnresolved(this.account) || Token.isUnresolved(this.region)) {
      return ecr.Repository.fromRepositoryName(scope, id, this.name); // the environment of the pipeline, which is the consumer's too
    }
    const partition = RegionInfo.get(this.region).partition ?? 'aws';
    return ecr.Repository.fromRepositoryAttributes(scope, id, {
      repositoryName: this.name,
      repositoryArn: `arn:${partition}:ecr:${this.region}:${this.account}:repository/${this.name}`,
    });
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function checkKnown(image: Construct, consumer: Construct, what: string, wanted: string, ours: string): void {
  if (!Token.isUnresolved(wanted) && Token.isUnresolved(ours)) {
    throw new Error(`'${consumer.node.path}': it is in ${what} ${wanted}, but the ${what} of the image '${image.node.path}' is not known at synthesis; give the stack of the pipeline an explicit env`);
  }
}
