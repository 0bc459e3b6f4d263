import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { MirrorOptions } from '../registry/mirror-options';

/** Options of `DockerBuilder.dockerServer`. */
export interface DockerServerBuilderOptions extends MirrorOptions {
  /**
   * The size of the server, which is paid for while builds use it.
   *
   * @default DockerServerComputeType.SMALL, 2 processors and 4 GiB
   */
  readonly computeType?: codebuild.DockerServerComputeType;

  /**
   * The security groups of the server, for a step with a `vpc`; five at most. They have to let the build machine in on port 9876.
   *
   * @default - none
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
}
