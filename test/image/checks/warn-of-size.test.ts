import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ContextFile } from '../../../lib/context/context-files';
import { warnOfSize } from '../../../lib/image/checks/warn-of-size';
import { TestPipeline } from '../../testhelpers/test-pipeline';

const file = (path: string, size: number): ContextFile => ({ path, type: 'file', size });

function warnings(...contexts: { [hash: string]: ContextFile[] }[]): string[] {
  const pipeline = new TestPipeline();
  contexts.forEach((context, index) => {
    const [hash, files] = Object.entries(context)[0];
    const manifest = { hash, files: {}, executables: [], emptyDirectories: [], links: {} };
    warnOfSize(pipeline.image(`Image${index}`), { path: 'x', manifest, files });
  });
  return Annotations.fromStack(pipeline.stack).findWarning('*', Match.anyValue()).map(({ id, entry }) => `${id}: ${String(entry.data)}`).filter((text) => text.includes('largeContext'));
}

test('a context that a pipeline cannot hand to CloudFormation, if it cannot be compressed, gets a warning that names what is large', () => {
  expect(warnings({ a: [file('model/a.bin', 200e6), file('data.csv', 99e6), file('model/b.bin', 1e6), file('app.py', 1)] })).toEqual([
    '/PipelineStack/Image0: the context holds 300 MB, model (201 MB), data.csv (99 MB), app.py (0 MB) above all, and the contexts of this app so far 300 MB.'
    + ' All of them are in the cloud assembly, and the CloudFormation actions of CodePipeline take at most 256 MB of it, compressed; list what no image needs in .dockerignore,'
    + ' and let the Dockerfile get large files from elsewhere [ack: cdk-cached-docker-build:largeContext]',
  ]);
});

test('contexts count together, and the image whose context is too much gets the warning', () => {
  expect(warnings({ a: [file('a', 200e6)] }, { b: [file('b', 100e6)] })).toEqual([expect.stringMatching(/^\/PipelineStack\/Image1: the context holds 100 MB, b \(100 MB\) above all, and the contexts of this app so far 300 MB/)]);
});

test('several images of one context count once', () => {
  expect(warnings({ a: [file('a', 200e6)] }, { a: [file('a', 200e6)] })).toEqual([]);
});

test('a context of ordinary size gets none', () => {
  expect(warnings({ a: [file('a', 100e6), { path: 'b', type: 'link', target: 'a' }] })).toEqual([]);
});
