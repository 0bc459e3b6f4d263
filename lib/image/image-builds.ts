import { Annotations, Stack } from 'aws-cdk-lib';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { IConstruct } from 'constructs';
import { deploymentOf, stepsBefore, stepsOf } from './pipeline-order';

/** A step that builds the image, in its pipeline. */
interface ImageBuild {
  readonly step: pipelines.Step;
  readonly pipeline: pipelines.CodePipeline;
}

/** Who builds an image and who uses it. At the end of the synthesis it is known whether each use comes after a build. */
export class ImageBuilds {
  private readonly builds: ImageBuild[] = [];
  private readonly users = new Set<Stack>();

  /** @param isElsewhere whether something else than a step of a pipeline builds the image, so that nothing is known of when */
  constructor(private readonly image: IConstruct, private isElsewhere: boolean) {
    image.node.addValidation({ validate: () => this.errors() });
  }

  public add(step: pipelines.Step, pipeline: pipelines.CodePipeline): void {
    this.builds.push({ step, pipeline });
  }

  /** A project of its own builds the image, whenever somebody starts it. */
  public addElsewhere(): void {
    this.isElsewhere = true;
  }

  public use(scope: IConstruct): void {
    this.users.add(outermost(Stack.of(scope)));
  }

  private errors(): string[] {
    const builds = this.builds.filter(({ step, pipeline }) => stepsOf(pipeline).has(step));
    if (builds.length > 0) {
      return [...this.users].flatMap((user) => this.whyTooEarly(user, builds) ?? []);
    }
    if (this.isElsewhere) {
      return [];
    }
    const [unplaced] = this.builds;
    const reason = unplaced ? `the step '${unplaced.step.id}' that builds it is in no wave or stage of the pipeline` : 'no step builds it';
    const remedy = unplaced ? "put the step into 'pre' of the wave or stage that deploys the image" : 'give it to the images of a CachedDockerBuildStep or a CachedDockerBuildProject, or say with builtElsewhere that something else builds it';
    if (this.users.size === 0) {
      Annotations.of(this.image).addWarningV2('cdk-cached-docker-build:imageNotBuilt', `${reason}; ${remedy}`);
      return [];
    }
    return [`the image is used by ${[...this.users].map(({ node }) => `'${node.path}'`).join(', ')}, but ${reason}, so the deployment would not find it; ${remedy}`];
  }

  private whyTooEarly(user: Stack, builds: readonly ImageBuild[]): string | undefined {
    for (const { step, pipeline } of builds) {
      if (outermost(Stack.of(pipeline)) === user) {
        return `the image is used by '${user.node.path}', the stack of the pipeline itself, which is deployed before the step '${step.id}' runs; use it in a stack of a stage that the pipeline deploys`;
      }
    }
    const deployments = builds.flatMap((build) => {
      const deployment = deploymentOf(build.pipeline, user);
      return deployment ? { ...build, deployment } : [];
    });
    // What is deployed otherwise, by hand perhaps, may come when it wants to.
    if (deployments.length === 0 || deployments.some(({ step, pipeline, deployment }) => stepsBefore(pipeline, deployment).has(step))) {
      return undefined;
    }
    const [{ step, deployment }] = deployments;
    return `the image is used by '${user.node.path}', which may be deployed before the step '${step.id}' has built it; put the step into 'pre' of the wave '${deployment.wave.id}', of the stage '${deployment.stage.stageName}', or of a wave before it`;
  }
}

function outermost(stack: Stack): Stack {
  return stack.nestedStackParent ? outermost(stack.nestedStackParent) : stack;
}
