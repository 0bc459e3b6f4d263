import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { ExamplePipeline } from '../../example/example-pipeline';

/** Synthesizes the example pipeline into a folder that stays, and says where things lie. Needs Node.js only. */
export function synthesizeOnly(): string[] {
  const assembly = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'demo-')), 'cdk.out');
  const app = new App({ outdir: assembly });
  const pipeline = new ExamplePipeline(app, 'LambdaPipeline', { env: { account: '111111111111', region: 'eu-west-1' } });
  app.synth();
  const files = fs.readdirSync(assembly, { recursive: true, encoding: 'utf8' }).sort();
  const list = (what: string, pattern: RegExp) => files.filter(file => pattern.test(file)).map(file => `${what} ${path.join(assembly, file)}`);
  return [
    'The example pipeline was synthesized:',
    `  cloud assembly       ${assembly}`,
    `  pipeline's template  ${path.join(assembly, pipeline.templateFile)}`,
    ...list('  stage\'s template    ', /^assembly-.*\.template\.json$/),
    ...list('  build plan          ', /^image-[^/]*\.json$/),
    ...list('  context             ', /^asset\.[^/]+$/),
  ];
}
