import { Stack, StackProps, Stage, StageProps } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';
import { playedBuildkitImage } from '../../integ/local/images/base-images';
import { CachedDockerBuildStep, CachedDockerImage, CachedDockerImageProps, DockerBuilder, DockerContext, ImageRepository, LayerCache, RegistryLogin } from '../../lib';
import { ownBase } from '../workload/own-base';

/** The default, but for its image, which has another digest here. */
const builder = DockerBuilder.buildkit({ buildkitImage: playedBuildkitImage });

export interface BenchPipelineProps extends StackProps {
  /** The directories of the contexts, one for each image. */
  readonly contexts: readonly string[];
  /** What is set besides, the same for all images. */
  readonly image?: Partial<CachedDockerImageProps>;
  readonly cache?: (scope: Construct) => LayerCache;
  /** Whether each image has a step of its own, `BuildImage0` and so on, instead of `BuildImages` for all. */
  readonly separateSteps?: boolean;
  /** Whether all images go to one repository, instead of one each. */
  readonly sharesRepository?: boolean;
}

/** A pipeline with a function for each context, built in one wave. */
export class BenchPipeline extends Stack {
  constructor(scope: Construct, id: string, props: BenchPipelineProps) {
    super(scope, id, props);
    const pipeline = new pipelines.CodePipeline(this, 'Pipeline', {
      synth: new pipelines.ShellStep('Synth', {
        input: pipelines.CodePipelineSource.connection('example/app', 'main', {
          connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
        }),
        commands: ['npm ci', 'npx cdk synth'],
      }),
    });
    const cache = props.cache?.(this);
    const repository = props.sharesRepository ? new ImageRepository(this, 'Repository') : undefined;
    const images = props.contexts.map((context, i) => new CachedDockerImage(this, `Image${i}`, {
      context: DockerContext.directory(context),
      repository,
      ...props.image,
    }));
    const registryLogins = [RegistryLogin.ecr(ecr.Repository.fromRepositoryName(this, 'OwnBase', ownBase.repository))];
    const common = { pipeline, builder, layerCache: cache, registryLogins };
    pipeline.addWave('Deploy', {
      pre: props.separateSteps
        ? images.map((image, i) => new CachedDockerBuildStep(`BuildImage${i}`, { images: [image], ...common }))
        : [new CachedDockerBuildStep('BuildImages', { images, ...common })],
    }).addStage(new BenchStage(this, 'Prod', { images, env: props.env }));
  }
}

interface BenchStageProps extends StageProps {
  readonly images: readonly CachedDockerImage[];
}

class BenchStage extends Stage {
  constructor(scope: Construct, id: string, props: BenchStageProps) {
    super(scope, id, props);
    const stack = new Stack(this, 'Functions');
    props.images.forEach((image, i) => new lambda.DockerImageFunction(stack, `Function${i}`, { code: image.lambdaCode(stack) }));
  }
}
