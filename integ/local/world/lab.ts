import { AwsEndpoint } from '../aws/endpoint';
import { S3 } from '../aws/s3';
import { HttpsFront } from '../registry/https-front';
import { EcrLocation, Registry } from '../registry/registry';

export interface LabOptions {
  /** The account the builds run in. @default '111111111111' */
  readonly account?: string;
  /** Every registry of ECR the play needs. @default eu-west-1 of that account */
  readonly ecr?: readonly EcrLocation[];
  /** Other registries, which anybody may pull from. @default public.ecr.aws and Docker Hub */
  readonly open?: readonly string[];
}

/** Everything a build finds outside its machine: the registries and AWS. */
export class Lab {
  public static async start({ account = '111111111111', ecr, open }: LabOptions = {}): Promise<Lab> {
    const front = await HttpsFront.start();
    const [registry, aws] = await Promise.all([
      Registry.start({ front, ecr: ecr ?? [{ account, region: 'eu-west-1' }], open }),
      AwsEndpoint.start({ account }),
    ]);
    registry.callers = aws.callers;
    return new Lab(front, registry, aws, new S3(front, aws));
  }

  private constructor(
    public readonly front: HttpsFront,
    public readonly registry: Registry,
    public readonly aws: AwsEndpoint,
    public readonly s3: S3,
  ) {}

  public async stop(): Promise<void> {
    await this.front.stop();
    this.s3.stop();
    await Promise.all([this.registry.stop(), this.aws.stop()]);
  }
}
