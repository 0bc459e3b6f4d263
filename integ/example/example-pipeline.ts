import * as path from 'path';
import { Environment, Stack, StackProps, Stage, StageProps } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';
import { CachedDockerBuildStep, CachedDockerImage, CachedDockerImageProps, DockerBuilder, DockerContext, ImageTag, LayerCache, RegistryLogin } from '../../lib';

/** Properties of an ExamplePipeline. */
export interface ExamplePipelineProps extends StackProps {
  /** The folder that holds the contexts `api` and `report`. */
  readonly contexts?: string;
  /** Whether each image has a step of its own. */
  readonly separateSteps?: boolean;
  /** The cache of a step, by its first image. */
  readonly cache?: (image: string) => LayerCache;
  readonly builder?: DockerBuilder;
  readonly additionalTags?: string[];
  readonly tag?: ImageTag;
  readonly registryLogins?: RegistryLogin[];
  /** Further properties of images, by their names. */
  readonly images?: { readonly [image: string]: Partial<CachedDockerImageProps> };
  /** Where the functions are, if not where the pipeline is. */
  readonly stageEnv?: Environment;
}

/**
 * A pipeline with two functions, each in an image of its own: `api` with a Dockerfile of one stage, `report` with two.
 * Snapshots are taken of it, and its builds are run for real in `integ/local`.
 */
export class ExamplePipeline extends Stack {
  constructor(scope: Construct, id: string, props: ExamplePipelineProps = {}) {
    super(scope, id, props);
    const contexts = props.contexts ?? __dirname;

    const pipeline = new pipelines.CodePipeline(this, 'Pipeline', {
      crossAccountKeys: props.stageEnv && true,
      synth: new pipelines.ShellStep('Synth', {
        input: pipelines.CodePipelineSource.connection('example/app', 'main', {
          connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
        }),
        commands: ['npm ci', 'npx cdk synth'],
      }),
    });

    const images = Object.fromEntries(['Api', 'Report'].map((name) => [name, new CachedDockerImage(this, `${name}Image`, {
      context: DockerContext.directory(path.join(contexts, name.toLowerCase())),
      tag: props.tag,
      ...props.images?.[name],
    })]));

    const addresses: { [variable: string]: string } = {};
    const build = (stepId: string, built: string[]) => {
      const step = new CachedDockerBuildStep(stepId, {
        images: built.map((name) => images[name]),
        pipeline,
        layerCache: props.cache?.(built[0]),
        builder: props.builder,
        additionalTags: props.additionalTags,
        registryLogins: props.registryLogins,
      });
      for (const name of built) {
        addresses[`${name.toUpperCase()}_DIGEST`] = step.imageDigest(images[name]);
        addresses[`${name.toUpperCase()}_IMAGE`] = step.imageUriWithDigest(images[name]);
      }
      return step;
    };
    pipeline.addWave('Deploy', {
      pre: props.separateSteps ? Object.keys(images).map((name) => build(`Build${name}Image`, [name])) : [build('BuildImages', Object.keys(images))],
      post: [new pipelines.ShellStep('ShowImages', { env: addresses, commands: ['printenv API_IMAGE REPORT_IMAGE'] })],
    }).addStage(new ExampleStage(this, 'Prod', { images, env: props.stageEnv ?? props.env }));
  }
}

interface ExampleStageProps extends StageProps {
  readonly images: { [name: string]: CachedDockerImage };
}

class ExampleStage extends Stage {
  constructor(scope: Construct, id: string, props: ExampleStageProps) {
    super(scope, id, props);
    const stack = new Stack(this, 'Functions');
    for (const [name, image] of Object.entries(props.images)) {
      new lambda.DockerImageFunction(stack, name, { code: image.lambdaCode(stack) });
    }
  }
}
