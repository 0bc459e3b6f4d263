import * as fs from 'fs';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { BenchPipeline } from './strategies/bench-pipeline';
import { contextFiles } from '../lib/context/context-files';
import { hashContext } from '../lib/plan/context-hash';

/** How the synthesis of one app went; `many-images.ts` starts it in a process of its own and reads this. */
export interface Synthesis {
  readonly seconds: number;
  /** The hashing alone, done once more: what is not that is mostly the disk, which the contexts are copied to. */
  readonly hashing: number;
  /** The most memory the process had before and after, in bytes. */
  readonly memoryBefore: number;
  readonly memory: number;
  /** Of the pipeline's template, in bytes. */
  readonly template: number;
  /** The stages of the pipeline that build, and the distinct places in their order: 1 is all in parallel. */
  readonly stages: number;
  readonly orders: number;
}

const [outdir, ...contexts] = process.argv.slice(2);
const memory = () => process.resourceUsage().maxRSS * 1024;

const memoryBefore = memory();
const start = performance.now();
const app = new App({ outdir });
new BenchPipeline(app, 'ManyImages', { contexts, env: { account: '111111111111', region: 'eu-west-1' } });
app.synth();
const seconds = (performance.now() - start) / 1000;

const memoryAfter = memory();
const startOfHashing = performance.now();
contexts.forEach(context => hashContext(context, {
  files: Object.fromEntries(contextFiles(context, undefined).filter(({ type }) => type === 'file').map(({ path: file, size }) => [file, size!])),
  executables: [],
  emptyDirectories: [],
  links: {},
}));
const hashing = (performance.now() - startOfHashing) / 1000;

const file = path.join(outdir, 'ManyImages.template.json');
const template = JSON.parse(fs.readFileSync(file, 'utf8'));
const [pipeline] = Object.values<any>(template.Resources).filter(({ Type }) => Type === 'AWS::CodePipeline::Pipeline');
const builds = pipeline.Properties.Stages.map((stage: any) => stage.Actions.filter(({ Name }: any) => Name.startsWith('BuildImage')))
  .filter((actions: any[]) => actions.length > 0) as any[][];
const result: Synthesis = {
  seconds,
  hashing,
  memoryBefore,
  memory: memoryAfter,
  template: fs.statSync(file).size,
  stages: builds.length,
  orders: new Set(builds.flat().map(({ RunOrder }) => RunOrder)).size,
};
console.log(JSON.stringify(result));
