import { CfnRepository, IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { BuiltStages } from '../dockerfile/built-stages';
import { Dockerfile } from '../dockerfile/dockerfile';
import { CacheRepository } from '../repository/cache-repository';
import { defaultName } from '../repository/image-repository';
import { RepositoryIdentity } from '../repository/repository-identity';

const ID = 'StageLayers';

export interface StageLayersOptions {
  /** The repository of the image. */
  readonly repository: IRepository;
  /** Undefined when it is not known at synthesis. */
  readonly dockerfile?: Dockerfile;
  readonly target?: string;
  readonly buildArgs: { readonly [name: string]: string };
}

/**
 * The layers of stages that leave none in the image. Who may pull the image may pull all that is in its repository, and such a layer may hold what only the build
 * has a right to. So once another account may pull, they are kept in a repository of their own, in the stack of the image.
 */
export class StageLayers {
  private readonly steps: ((repository: CacheRepository) => void)[] = [];
  private isShared = false;
  private own?: CacheRepository;

  constructor(private readonly image: Construct, private readonly options: StageLayersOptions) {}

  /**
   * A step keeps them beside the image.
   *
   * @param onMove is told the repository in which it has to keep them instead
   */
  public keepBeside(onMove: (repository: CacheRepository) => void): void {
    this.steps.push(onMove);
    if (this.own) {
      onMove(this.own);
    } else {
      this.move();
    }
  }

  /** Another account may pull from the repository of the image. */
  public share(): void {
    this.isShared = true;
    this.move();
  }

  /** The address of their own repository for the plan of a build, if they have one. */
  public get planAddress(): string | undefined {
    return this.own && RepositoryIdentity.ofCache(this.own).planAddress;
  }

  private move(): void {
    if (this.own || !this.isShared || this.steps.length === 0 || !this.hasOthers()) {
      return;
    }
    const own = new CacheRepository(this.image, ID, { repositoryName: defaultName(this.image, ID) });
    const definition = this.options.repository.node.defaultChild;
    if (definition instanceof CfnRepository) {
      (own.node.defaultChild as CfnRepository).encryptionConfiguration = definition.encryptionConfiguration;
    }
    this.own = own;
    this.steps.forEach((onMove) => onMove(own));
  }

  /** Whether the build has stages whose layers are not all in the image. */
  private hasOthers(): boolean {
    const { dockerfile, target, buildArgs } = this.options;
    if (!dockerfile?.isKnown) {
      return true;
    }
    const stages = new BuiltStages(dockerfile, { target, buildArgs });
    const ofImage = stages.target ? stages.ancestry(stages.target) : [];
    return stages.used.some((stage) => !ofImage.includes(stage));
  }
}
