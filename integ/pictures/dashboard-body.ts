import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { BuildCacheDashboard, CachedDockerBuildStep, CachedDockerImage, DockerContext } from '../../lib';

/** What Amazon CloudWatch shows, as far as it is drawn. */
export interface DashboardBody {
  /** How far back it looks, such as `-P28D`. */
  readonly start: string;
  readonly widgets: readonly Widget[];
}

/** A part of the dashboard, on a grid of 24 columns. */
export interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title: string;
    readonly view: string;
    /** Namespace, name, dimensions, and what is to be shown of it. */
    readonly metrics: readonly (readonly [string, string, ...unknown[]])[];
    readonly yAxis?: { readonly left?: { readonly min?: number; readonly max?: number; readonly label?: string } };
  };
}

/** The dashboard of a pipeline with two steps, as the library synthesizes it. */
export function dashboardBody(): DashboardBody {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'dashboard-'));
  try {
    return synthesized(new App({ outdir }));
  } finally {
    fs.rmSync(outdir, { recursive: true });
  }
}

function synthesized(app: App): DashboardBody {
  const stack = new Stack(app, 'Shop', { env: { account: '111111111111', region: 'eu-west-1' } });
  const input = pipelines.CodePipelineSource.connection('example/shop', 'main', { connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/1' });
  const pipeline = new pipelines.CodePipeline(stack, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input, commands: ['npx cdk synth'] }) });
  const steps = ['BuildApi', 'BuildJobs'].map((id) => {
    const image = new CachedDockerImage(stack, `${id}Image`, { context: DockerContext.directory(path.join(__dirname, '../example/api')) });
    return new CachedDockerBuildStep(id, { images: [image], pipeline });
  });
  pipeline.addWave('Images', { post: steps });
  const dashboard = new BuildCacheDashboard(stack, 'BuildCache', { steps }).node.defaultChild as CfnDashboard;
  const { 'Fn::Join': [, parts] } = stack.resolve(dashboard.dashboardBody) as { 'Fn::Join': [string, unknown[]] };
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'known at deployment')).join('')) as DashboardBody;
}
